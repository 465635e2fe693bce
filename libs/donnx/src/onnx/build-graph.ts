import type { TensorSpec } from '@openimo/domain';
import type { Attribute, PlainGraph } from './plain-graph.js';
import type { Tensor } from '../tensor/tensor.js';

export interface NodeParts {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly name?: string;
}

export interface GraphParts {
  readonly opset?: number;
  readonly inputs?: readonly TensorSpec[];
  readonly nodes: readonly NodeParts[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly outputs?: readonly string[];
}

/** A plain graph in a few words: input `x` is UINT8 [1, 4], the last node makes `y`, the output. */
export function buildGraph({ opset = 17, inputs, nodes, initializers = {}, outputs = ['y'] }: GraphParts): PlainGraph {
  return {
    opset,
    inputs: inputs ?? [{ name: 'x', datatype: 'UINT8', shape: [1, 4] }],
    outputs,
    nodes: nodes.map(({ operator, inputs: from, outputs: to, attributes = {}, name = '' }, at) => ({
      where: `Node ${name ? `"${name}"` : at} (${operator})`,
      name,
      operator,
      inputs: from,
      outputs: to ?? ['y'],
      attributes: new Map(Object.entries(attributes)),
    })),
    initializers: new Map(Object.entries(initializers)),
  };
}
