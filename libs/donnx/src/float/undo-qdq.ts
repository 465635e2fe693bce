import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { refuse } from '../error/refuse.js';
import { tensorOf, type Tensor } from '../tensor/tensor.js';
import type { Observation } from './observation.js';

const BOUNDS: Readonly<Record<string, readonly [number, number]>> = { UINT8: [0, 255], INT8: [-128, 127] };

/**
 * The float model behind a QDQ model: weights dequantised, pairs of QuantizeLinear and DequantizeLinear gone. What a pair
 * clips to is kept as the range of its value, so that lowering quantises there with the publisher's own scale.
 */
export function undoQdq(
  graph: PlainGraph,
  observed: ReadonlyMap<string, Observation>,
): { readonly graph: PlainGraph; readonly observations: ReadonlyMap<string, Observation> } {
  const initializers = new Map(graph.initializers);
  const observations = new Map(observed);
  const quantised = new Map<string, PlainNode>();
  /** What stands for a value that is gone. */
  const renamed = new Map<string, string>();
  const nodes: PlainNode[] = [];
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map((name) => renamed.get(name) ?? name) };
    const [value = ''] = node.inputs;
    const [output = ''] = node.outputs;
    if (node.operator === 'QuantizeLinear' && !initializers.has(value)) {
      quantised.set(output, node);
    } else if (node.operator === 'DequantizeLinear' && initializers.has(value)) {
      initializers.set(output, dequantised(node, initializers));
    } else if (node.operator === 'DequantizeLinear') {
      const source = quantised.get(value) ?? refuseLoneQdq(node);
      const [from = ''] = source.inputs;
      clipTo(observations, from, rangeOf(source, initializers));
      if (graph.outputs.includes(output)) nodes.push({ ...node, operator: 'Identity', inputs: [from] });
      else renamed.set(output, from);
    } else {
      const lone = node.inputs.map((name) => quantised.get(name)).find((pair) => pair !== undefined);
      if (lone) refuseLoneQdq(lone);
      nodes.push(node);
    }
  }
  return { graph: { ...graph, nodes, initializers }, observations };
}

function refuseLoneQdq(node: PlainNode): never {
  refuse(
    'PatternNotDeterministic',
    `${node.where} is no pair of QuantizeLinear and DequantizeLinear. Export in QDQ format, or as float32.`,
    { where: node.where },
  );
}

function constant(node: PlainNode, at: number, initializers: ReadonlyMap<string, Tensor>): Tensor | undefined {
  const name = node.inputs[at] ?? '';
  const tensor = initializers.get(name);
  if (name !== '' && tensor === undefined) {
    refuse('NotConstant', `${node.where} has a computed scale or zero point. Quantise statically.`, {
      where: node.where,
    });
  }
  return tensor;
}

/** The real numbers that a quantised weight stands for, with a scale for all or one per position of an axis. */
function dequantised(node: PlainNode, initializers: ReadonlyMap<string, Tensor>): Tensor {
  const weight = initializers.get(node.inputs[0] as string) as Tensor;
  const scales = constant(node, 1, initializers) as Tensor;
  const zeroPoints = constant(node, 2, initializers);
  const { dims } = weight;
  const axis = Number(node.attributes.get('axis') ?? 1);
  const inner = dims.slice(axis < 0 ? dims.length + axis + 1 : axis + 1).reduce((product, dim) => product * dim, 1);
  const position = (at: number) => (scales.data.length === 1 ? 0 : Math.floor(at / inner) % scales.data.length);
  const real = (value: number | bigint, at: number) => {
    const zeroPoint = Number(zeroPoints?.data[position(at)] ?? 0);
    return Math.fround((Number(value) - zeroPoint) * Number(scales.data[position(at)]));
  };
  return tensorOf('FP32', dims, Array.from(weight.data as ArrayLike<number>, real));
}

function rangeOf(node: PlainNode, initializers: ReadonlyMap<string, Tensor>): readonly [number, number] {
  const [scale, zeroPoint] = [constant(node, 1, initializers) as Tensor, constant(node, 2, initializers)];
  if (scale.data.length !== 1) {
    refuse('PatternNotDeterministic', `${node.where} has a scale per channel. Quantise activations per tensor.`, {
      where: node.where,
    });
  }
  const [least, most] = BOUNDS[zeroPoint?.datatype ?? 'UINT8'] ?? refuseLoneQdq(node);
  const offset = Number(zeroPoint?.data[0] ?? 0);
  return [(least - offset) * Number(scale.data[0]), (most - offset) * Number(scale.data[0])];
}

/** The pair's range is the value's, channels within it. Without calibration of the value there is nothing to widen. */
function clipTo(observations: Map<string, Observation>, name: string, [lo, hi]: readonly [number, number]): void {
  const known = observations.get(name);
  if (known === undefined) return;
  const within = (bounds: readonly number[]) => bounds.map((bound) => Math.max(lo, Math.min(hi, bound)));
  observations.set(name, {
    dims: known.dims,
    lo,
    hi,
    channels: { lo: within(known.channels.lo), hi: within(known.channels.hi) },
    rowMean: known.rowMean,
  });
}
