import type { TensorSpec } from '@openimo/domain';
import type { Tensor } from '../tensor/tensor.js';

/** A parsed ONNX graph, free of its file format. */
export interface PlainGraph {
  /** Version of the standard operator set. */
  readonly opset: number;
  /** In file order; initializers are not among them. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
  /** Every node after those whose outputs it reads; otherwise in file order. Constant nodes have become initializers. */
  readonly nodes: readonly PlainNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}

export interface PlainNode {
  /** How messages call it: `Node "encoder/matmul" (MatMul)`. */
  readonly where: string;
  readonly name: string;
  /** `MatMulInteger`, or `com.microsoft.QGemm` outside the standard domain. */
  readonly operator: string;
  /** Names of values; `''` is an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export type Attribute = number | string | readonly number[] | Tensor;
