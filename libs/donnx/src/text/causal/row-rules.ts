import { roundHalfEven } from '../../steps/numbers.js';
import type { PlainNode } from '../../onnx/plain-graph.js';
import { combineSpread, entriesOf, everywhere, isPoint, mapSpread, type Range } from '../spread.js';
import { type CausalFacts, INTEGER_BOUNDS } from './causal-facts.js';
import { type Kind, LAST, type Made } from './kind.js';
import { bySpread } from './spread-rules.js';

// What an operator makes of values of known kinds. Each ends the proof where later positions may be read.

export function gather(facts: CausalFacts, node: PlainNode, [data, index]: readonly Kind[]): Kind {
  const [from = '', at = ''] = node.inputs;
  if (Number(node.attributes.get('axis') ?? 0) !== 0 || !data || !index) return facts.refuse(node);
  if (data.of === 'constant' && index.of === 'last' && !index.spread) {
    return { ...LAST, rowOf: at === facts.last ? facts.whole.initializers.get(from) : undefined };
  }
  if (data.of === 'constant' && index.of === 'rows' && !index.flat && !index.spread && index.axis === 0) {
    return { of: 'rows', axis: 0 };
  }
  if (data.of === 'rows' && data.axis === 0 && !data.flat && !data.spread && at === facts.last) return LAST;
  if ([data, index].every((kind) => kind.of === 'constant' || (kind.of === 'last' && !kind.spread))) return LAST;
  return facts.refuse(node);
}

export function product(facts: CausalFacts, node: PlainNode, [a, b, ...zeroPoints]: readonly Kind[]): Kind {
  if (!a || !b || zeroPoints.some(({ of }) => of !== 'constant')) return facts.refuse(node);
  const [left = '', right = '', zeroOfLeft = '', zeroOfRight = ''] = node.inputs;
  const [rank, length] = [facts.dims(node.outputs[0]).length, facts.dims(left).at(-1) as number];
  if (a.of === 'constant' || a.flat || (b.of !== 'constant' && b.flat)) return facts.refuse(node);
  const isRowwise = a.of === 'last' || a.axis === facts.dims(left).length - 2;
  const query: Made = a.of === 'last' ? LAST : { of: 'rows', axis: rank - 2 };
  if (!isRowwise) return facts.refuse(node);
  if (b.of === 'constant') return !a.spread || isPoint(a.spread.later) ? query : facts.refuse(node);
  if (b.of === 'last') return a.of === 'last' && !a.spread && !b.spread ? LAST : facts.refuse(node);
  if (b.spread) return facts.refuse(node);
  const axes = facts.dims(right).length;
  if (b.axis === axes - 1 && !a.spread) {
    const operands = [facts.shifted(left, zeroOfLeft), facts.shifted(right, zeroOfRight)] as const;
    const one = combineSpread(everywhere(operands[0]), everywhere(operands[1]), (x, y) => x * y);
    return { ...query, spread: mapSpread(one, (value) => value * length) };
  }
  // What weighs the rows of later positions is the zero point, so that they weigh nothing.
  if (b.axis === axes - 2 && a.spread && isPoint(a.spread.later)) {
    return a.spread.later.lo === facts.scalar(zeroOfLeft, node) ? query : facts.refuse(node);
  }
  return facts.refuse(node);
}

export function byElement(facts: CausalFacts, node: PlainNode, kinds: readonly Kind[]): Kind {
  if (kinds.some((kind) => kind.of !== 'constant' && kind.spread)) return bySpread(facts, node, kinds);
  const [output] = node.outputs;
  const rank = facts.dims(output).length;
  const axes = new Set<number>();
  for (const [at, kind] of kinds.entries()) {
    const name = node.inputs[at] as string;
    if (kind.of === 'last') return facts.refuse(node);
    if (kind.of === 'rows') axes.add(kind.flat ? kind.axis : kind.axis + rank - facts.dims(name).length);
    else if (name !== '' && facts.count(name) > 1 && kinds.some((one) => one.of === 'rows' && one.flat)) {
      return facts.refuse(node);
    }
  }
  const [axis, ...others] = [...axes];
  const rows = kinds.filter((kind): kind is Made => kind.of === 'rows');
  const flat = rows[0]?.flat;
  const isAlike = rows.every((kind) => kind.flat?.join() === flat?.join());
  if (axis === undefined || others.length > 0 || !isAlike) return facts.refuse(node);
  // A row count of one would be stretched over all positions.
  for (const [at, kind] of kinds.entries()) {
    if (kind.of === 'rows' && !kind.flat && facts.dims(node.inputs[at])[kind.axis] !== facts.context)
      facts.refuse(node);
  }
  return { of: 'rows', axis, flat };
}

export function reshape(facts: CausalFacts, node: PlainNode, kind: Made): Kind {
  const from = kind.flat ?? facts.dims(node.inputs[0]);
  const to = facts.dims(node.outputs[0]);
  if (kind.flat) return from.join() === to.join() ? { ...kind, flat: undefined } : facts.refuse(node);
  if (to.length === 1 && from.length > 1) return { ...kind, flat: from };
  if (kind.of === 'last' || kind.spread) return facts.refuse(node);
  const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const before = count(from.slice(0, kind.axis));
  const axis = to.findIndex((size, at) => size === facts.context && count(to.slice(0, at)) === before);
  return axis < 0 ? facts.refuse(node) : { of: 'rows', axis };
}

export function transpose(facts: CausalFacts, node: PlainNode, [kind]: readonly Kind[]): Kind {
  const order = node.attributes.get('perm') as readonly number[] | undefined;
  if (kind?.of !== 'rows' || kind.spread || kind.flat || !order) return facts.refuse(node);
  return { of: 'rows', axis: order.indexOf(kind.axis) };
}

/** An operator that works along axes that are not the positions. */
export function alongOther(
  facts: CausalFacts,
  node: PlainNode,
  [kind, ...others]: readonly Kind[],
  axes: readonly number[],
  keeps: boolean,
): Kind {
  if (kind?.of !== 'rows' || kind.spread || kind.flat) return facts.refuse(node);
  const rank = facts.dims(node.inputs[0]).length;
  const along = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const isClear = along.every((axis) => axis !== kind.axis && (keeps || axis > kind.axis));
  if (!isClear || others.some(({ of }) => of !== 'constant')) return facts.refuse(node);
  return { of: 'rows', axis: kind.axis };
}

export function gemm(facts: CausalFacts, node: PlainNode, [kind, ...others]: readonly Kind[]): Kind {
  const isPlain = !node.attributes.get('transA') && others.every(({ of }) => of === 'constant');
  if (kind?.of !== 'rows' || kind.axis !== 0 || kind.flat || kind.spread || !isPlain) return facts.refuse(node);
  // A bias of as many rows would have to be cut to one.
  const bias = node.inputs[6];
  if (bias && facts.dims(bias).length > 1 && facts.dims(bias)[0] !== 1) return facts.refuse(node);
  return { of: 'rows', axis: 0 };
}

export function quantize(facts: CausalFacts, node: PlainNode, [kind, ...parameters]: readonly Kind[]): Kind {
  const [, scale = '', zeroPoint = ''] = node.inputs;
  if (!kind || kind.of === 'constant') return facts.refuse(node);
  const isScalar = [scale, zeroPoint].every((name) => name === '' || facts.count(name) === 1);
  const isConstant = parameters.every(({ of }) => of === 'constant');
  if (kind.spread) {
    if (!isScalar || !isConstant || node.operator !== 'QuantizeLinear') return facts.refuse(node);
    const [step, zero] = [facts.scalar(scale, node), facts.scalar(zeroPoint)];
    const { lo, hi } = INTEGER_BOUNDS[facts.datatype(node.outputs[0] as string)] as Range;
    const quantize = (x: number) => Math.min(hi, Math.max(lo, roundHalfEven(Math.fround(x / step)) + zero));
    return step > 0 ? { ...kind, spread: mapSpread(kind.spread, quantize) } : facts.refuse(node);
  }
  if (kind.of === 'last') return facts.refuse(node);
  if (isScalar && isConstant) return { of: 'rows', axis: kind.axis, flat: kind.flat };
  const along = Number(node.attributes.get('axis') ?? 1);
  if (kind.flat || along < 0) return facts.refuse(node);
  for (const [at, name] of [scale, zeroPoint].entries()) {
    const parameter = parameters[at];
    if (!parameter || name === '') continue;
    const isOwn = parameter.of === 'rows' && parameter.axis === 0 && !parameter.flat && !parameter.spread;
    if (parameter.of === 'constant' ? along === kind.axis && !facts.isUniform(name) : !isOwn || along !== kind.axis) {
      return facts.refuse(node);
    }
  }
  return { of: 'rows', axis: kind.axis };
}

export function reduce(facts: CausalFacts, node: PlainNode, kinds: readonly Kind[]): Kind {
  const [kind] = kinds as [Made];
  const given = facts.whole.initializers.get(node.inputs[1] ?? '')?.data ?? node.attributes.get('axes');
  if (given === undefined) return facts.refuse(node);
  const axes = Array.from(given as ArrayLike<number | bigint>, Number);
  if (!kind.spread) return alongOther(facts, node, kinds, axes, facts.keeps(node));
  const rank = facts.dims(node.inputs[0]).length;
  const isOverColumns = axes.length === 1 && [-1, rank - 1].includes(axes[0] as number) && facts.keeps(node);
  if (!isOverColumns || kind.flat) return facts.refuse(node);
  const { seen, later } = kind.spread;
  const { of, axis } = kind;
  if (node.operator === 'ReduceMax') {
    return later.hi <= seen.lo ? { of, axis, peak: seen } : facts.refuse(node);
  }
  return isPoint(later) ? { of, axis } : facts.refuse(node);
}

export function lookUp(facts: CausalFacts, node: PlainNode, [data, index]: readonly Kind[]): Kind {
  const table = facts.whole.initializers.get(node.inputs[0] as string);
  if (data?.of !== 'constant' || !table || table.dims.length !== 1 || !index || index.of === 'constant') {
    return facts.refuse(node);
  }
  if (!index.spread) return { of: index.of, axis: index.axis, flat: index.flat };
  const { seen, later } = index.spread;
  const { of, axis, flat } = index;
  return { of, axis, flat, spread: { seen: entriesOf(table, seen), later: entriesOf(table, later) } };
}
