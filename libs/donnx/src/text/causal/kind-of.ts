import type { PlainNode } from '../../onnx/plain-graph.js';
import type { CausalFacts } from './causal-facts.js';
import { type Kind, LAST, type Made } from './kind.js';
import {
  alongOther,
  byElement,
  gather,
  gemm,
  lookUp,
  product,
  quantize,
  reduce,
  reshape,
  transpose,
} from './row-rules.js';

const BY_ELEMENT = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Clip', 'Relu', 'Round', 'Floor', 'Ceil', 'Where', 'Cast', 'Identity'],
];

/** What a node makes of its inputs, each of which has a kind. */
export function kindOf(facts: CausalFacts, node: PlainNode, kinds: readonly Kind[]): Kind {
  const made = kinds.filter((kind) => kind.of !== 'constant');
  if (made.length === 0) return { of: 'constant' };
  if (node.operator === 'Gather') return gather(facts, node, kinds);
  if (node.operator === 'MatMulInteger') return product(facts, node, kinds);
  // Nothing of positions is left: decoding computes it with the same nodes.
  if (made.every(({ of, spread }) => of === 'last' && !spread)) return LAST;
  if (BY_ELEMENT.includes(node.operator)) return byElement(facts, node, kinds);
  const [first] = kinds as [Kind];
  if (first.of === 'constant' && node.operator !== 'GatherElements') return facts.refuse(node);
  switch (node.operator) {
    case 'Reshape':
      return reshape(facts, node, first as Made);
    case 'Transpose':
      return transpose(facts, node, kinds);
    case 'Split':
      return alongOther(facts, node, kinds, [Number(node.attributes.get('axis') ?? 0)], true);
    case 'com.microsoft.QGemm':
      return gemm(facts, node, kinds);
    case 'QuantizeLinear':
    case 'DequantizeLinear':
      return quantize(facts, node, kinds);
    case 'ReduceSum':
    case 'ReduceSumSquare':
    case 'ReduceMax':
      return reduce(facts, node, kinds);
    case 'ArgMax':
      return alongOther(facts, node, kinds, [Number(node.attributes.get('axis') ?? 0)], facts.keeps(node));
    case 'GatherElements':
      return lookUp(facts, node, kinds);
    default:
      return facts.refuse(node);
  }
}
