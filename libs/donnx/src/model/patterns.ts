import { refuse } from '../error/refuse.js';
import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';

/** Operators that onnxruntime's quantisation passes look through. */
const LOOKED_THROUGH = new Set([
  'Reshape',
  'Transpose',
  'Split',
  'Slice',
  'Concat',
  'Expand',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Pad',
  'Clip',
  'Relu',
  'Gather',
]);

/**
 * Refuses patterns that onnxruntime's optimiser replaces by one operation with other roundings, so that the answer would
 * depend on its optimisation level: 1 / x · y becomes y / x, and DequantizeLinear, an operation, QuantizeLinear becomes a
 * fused 8-bit operation. And one that it replaces by what it then cannot load: Pad before MaxPool.
 */
export function checkPatterns(graph: PlainGraph): void {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  for (const node of graph.nodes) {
    if (node.operator === 'Mul') checkReciprocal(node, makers, graph);
    if (node.operator === 'QuantizeLinear') checkFusion(node, makers);
    if (node.operator === 'MaxPool') checkPadding(node, makers);
  }
}

type Makers = ReadonlyMap<string, PlainNode>;

function checkReciprocal(node: PlainNode, makers: Makers, graph: PlainGraph): void {
  for (const input of node.inputs) {
    const divide = makers.get(input);
    if (divide?.operator !== 'Div') continue;
    const numerator = graph.initializers.get(divide.inputs[0] ?? '');
    if (numerator?.datatype !== 'FP32' || !Array.from(numerator.data as Float32Array).every((value) => value === 1))
      continue;
    refuse(
      'PatternNotDeterministic',
      `${node.where} multiplies by the reciprocal from ${divide.where}, which onnxruntime turns into one division. Divide directly.`,
      { where: node.where },
    );
  }
}

function checkFusion(node: PlainNode, makers: Makers): void {
  const operation = makerBehind(node.inputs[0] ?? '', makers);
  if (operation === undefined) return;
  const sources =
    operation.operator === 'DequantizeLinear'
      ? [operation]
      : operation.inputs.map((input) => makerBehind(input, makers));
  for (const source of sources) {
    if (source?.operator !== 'DequantizeLinear') continue;
    refuse(
      'PatternNotDeterministic',
      `${node.where} requantises what ${source.where} dequantised, and onnxruntime may fuse both with what is between. Replace ${source.where} by Cast and Mul.`,
      { where: node.where },
    );
  }
}

/** A Pad is merged into the MaxPool behind it, which then may have more padding than its kernel allows. */
function checkPadding(node: PlainNode, makers: Makers): void {
  const pad = makerBehind(node.inputs[0] ?? '', makers, 'Pad');
  if (pad?.operator !== 'Pad') return;
  refuse(
    'PatternNotDeterministic',
    `${node.where} pools what ${pad.where} padded, and onnxruntime merges the two. Write the pads into the MaxPool.`,
    { where: node.where },
  );
}

/** The node that computes `name`, looking through operators that only move or clip, but not through `stop`. */
function makerBehind(name: string, makers: Makers, stop = ''): PlainNode | undefined {
  let maker = makers.get(name);
  while (maker && maker.operator !== stop && LOOKED_THROUGH.has(maker.operator)) {
    maker = makers.get(maker.inputs[0] ?? '');
  }
  return maker;
}
