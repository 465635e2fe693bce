import type { PlainNode } from '../../onnx/plain-graph.js';
import { combineSpread, everywhere, mapSpread, type Spread, spreadOf as spreadOfConstant } from '../spread.js';
import type { CausalFacts } from './causal-facts.js';
import type { Kind, Made } from './kind.js';

/** Columns for every position, with masks, maxima and numbers that are the same for all. */
export function bySpread(facts: CausalFacts, node: PlainNode, kinds: readonly Kind[]): Kind {
  const { operator, inputs, outputs } = node;
  const [a, b] = kinds as [Kind, Kind | undefined];
  const made = kinds.find((kind): kind is Made => kind.of !== 'constant' && kind.spread !== undefined) as Made;
  const isFloat = facts.datatype(outputs[0] as string) === 'FP32';
  const round = (value: number) => (isFloat ? Math.fround(value) : value);
  const own = made.flat ? '' : facts.dims(inputs[kinds.indexOf(made)]).join();
  if (!made.flat && own !== facts.dims(outputs[0]).join()) return facts.refuse(node);
  if (a === made && operator === 'Identity') return made;
  if (a === made && operator === 'Cast') {
    const toInteger = !isFloat && facts.datatype(inputs[0] as string) === 'FP32';
    return { ...made, spread: mapSpread(made.spread!, toInteger ? Math.trunc : round) };
  }
  if (a === made && operator === 'Clip') {
    const bound = (at: number, none: number) => (inputs[at] ? facts.scalar(inputs[at], node) : none);
    const [least, most] = [bound(1, -Infinity), bound(2, Infinity)];
    return { ...made, spread: mapSpread(made.spread!, (value) => Math.min(most, Math.max(least, value))) };
  }
  if (b === undefined || kinds.length !== 2 || !['Add', 'Sub', 'Mul'].includes(operator)) return facts.refuse(node);
  const [x, y] = [operandSpread(facts, node, 0, a, made), operandSpread(facts, node, 1, b, made)];
  const combine = { Add: (p: number, q: number) => p + q, Sub: (p: number, q: number) => p - q }[operator as 'Add'];
  const operation = combine ?? ((p: number, q: number) => p * q);
  return { ...made, spread: combineSpread(x, y, (p, q) => round(operation(p, q))) };
}

function operandSpread(facts: CausalFacts, node: PlainNode, at: number, kind: Kind, made: Made): Spread {
  const name = node.inputs[at] as string;
  if (kind === made) return made.spread!;
  const dims = facts.dims(name);
  if (kind.of === 'constant') {
    const tensor = facts.whole.initializers.get(name) ?? facts.refuse(node);
    // Laid out as rows and columns, it says nothing about one row, nor about elements in one axis.
    if ((made.of === 'last' || made.flat) && tensor.data.length > 1) return facts.refuse(node);
    return spreadOfConstant(tensor, facts.context);
  }
  if (kind.of !== made.of || kind.flat || made.flat) return facts.refuse(node);
  if (kind.rowOf && made.of === 'last') return spreadOfConstant(kind.rowOf, facts.context);
  const isOfRow = kind.of === 'last' || kind.axis === made.axis + dims.length - facts.dims(node.outputs[0]).length;
  if (kind.peak && isOfRow && dims.at(-1) === 1) return everywhere(kind.peak);
  return facts.refuse(node);
}
