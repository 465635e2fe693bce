import { productOf, type Tensor } from '../tensor/tensor.js';
import { buildGraph, type NodeParts } from '../onnx/build-graph.js';
import type { Attribute, PlainGraph } from '../onnx/plain-graph.js';
import { byteAt } from './patterns.js';

/** A small graph that shows what a runtime makes of an operator. It reads bytes, `x`, and answers with `y`. */
export interface VectorGraph {
  readonly operator: string;
  /** What is special about this one. */
  readonly about: string;
  readonly graph: PlainGraph;
  readonly input: Uint8Array;
}

interface Parts {
  readonly shape: readonly number[];
  readonly nodes: readonly NodeParts[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly outputs?: readonly string[];
  readonly opset?: number;
  /** Default: bytes with runs of 255. */
  readonly input?: readonly number[];
}

export function vectorGraph(
  operator: string,
  about: string,
  { shape, nodes, constants = {}, outputs = ['y'], opset = 17, input }: Parts,
): VectorGraph {
  const inputs = [{ name: 'x', datatype: 'UINT8' as const, shape }];
  const graph = buildGraph({ opset, inputs, nodes, initializers: constants, outputs });
  const bytes = Uint8Array.from({ length: productOf(shape) }, (_, at) => input?.[at % input.length] ?? byteAt(at));
  return { operator, about, graph, input: bytes };
}

/** A node `operator(inputs) → output`. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string | readonly string[] = 'y',
  attributes: Readonly<Record<string, Attribute>> = {},
): NodeParts {
  const outputs = typeof output === 'string' ? [output] : output;
  return { operator, inputs, outputs, attributes, name: outputs[0] as string };
}
