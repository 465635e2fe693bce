import { datatypeBytes, type TensorSpec } from '@openimo/domain';
import { kernelOperand } from '../steps/addressing.js';
import type { Constant, Step } from '../steps/step.js';
import { allocate, productOf, type Tensor } from '../tensor/tensor.js';
import type { Value } from '../lowering/value.js';

/** A model as the dispute sees it: steps in order, each making one tensor that a trace commits. */
export interface StepGraph {
  readonly steps: readonly Step[];
  readonly constants: readonly Constant[];
  /** The step whose bytes are the answer: all outputs one after another. */
  readonly outNode: number;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Every ONNX value as a view of a step or constant. Not committed. */
  readonly values: ReadonlyMap<string, Value>;
}

/** Length of the step's committed bytes. */
export function stepBytes({ dims, datatype }: Pick<Step, 'dims' | 'datatype'>): number {
  return productOf(dims) * datatypeBytes(datatype);
}

/** The elements that a view shows of its source's bytes. */
export function readView(value: Value, bytes: Uint8Array): Tensor {
  const { data, index } = kernelOperand(value.dims, value, bytes);
  const out = allocate(value.datatype, index.length);
  for (let at = 0; at < out.length; at++) out[at] = data[index[at] as number] as never;
  return { datatype: value.datatype, dims: value.dims, data: out };
}
