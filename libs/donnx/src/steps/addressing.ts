import { datatypeBytes } from '@openimo/domain';
import { viewBytes } from '../tensor/canonical.js';
import { productOf } from '../tensor/tensor.js';
import type { KernelOperand, Step, StepInput } from './step.js';

/** Coordinates of element `flat` of a row-major tensor. */
export function coordinatesOf(dims: readonly number[], flat: number): number[] {
  const coordinates = new Array<number>(dims.length);
  let rest = flat;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis] as number;
    coordinates[axis] = rest % dim;
    rest = Math.floor(rest / dim);
  }
  return coordinates;
}

/** The byte address that output element `flat` reads of `input`. */
export function addressOf(step: Step, input: number, flat: number): number {
  const { offset, strides } = step.inputs[input] as StepInput;
  return coordinatesOf(step.dims, flat).reduce((sum, at, axis) => sum + at * (strides[axis] as number), offset);
}

/** How many elements output `flat` reduces: the last segment of a cut reduction may be shorter. */
export function lengthAt(step: Pick<Step, 'dims' | 'length' | 'params'>, flat: number): number {
  const [, , total] = step.params;
  if (total <= step.length) return step.length;
  const segment = flat % (step.dims.at(-1) as number);
  return Math.min(step.length, total - segment * step.length);
}

/** The fewest and the most elements that an output element reduces. */
export function lengthsOf(step: Step): readonly [fewest: number, most: number] {
  const [, , total] = step.params;
  return [total > step.length ? total - step.length * Math.floor((total - 1) / step.length) : step.length, step.length];
}

/** An operand for a kernel: its bytes as elements, and where each output element reads. */
export function kernelOperand(
  dims: readonly number[],
  input: Pick<StepInput, 'offset' | 'strides' | 'datatype'>,
  bytes: Uint8Array,
): KernelOperand {
  const { data, first } = viewBytes(bytes, input.offset, input.datatype);
  const size = datatypeBytes(input.datatype);
  return {
    data,
    first,
    index: elementIndices(
      dims,
      first,
      input.strides.map((stride) => stride / size),
    ),
  };
}

/** Indices in row-major order of the output, axis by axis: each axis repeats what is known so far. */
function elementIndices(dims: readonly number[], first: number, strides: readonly number[]): Int32Array {
  const indices = new Int32Array(productOf(dims));
  indices[0] = first;
  let filled = 1;
  // From the innermost axis outwards.
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis] as number;
    const stride = strides[axis] as number;
    for (let at = 1; at < dim; at++) {
      const shift = at * stride;
      const base = at * filled;
      for (let index = 0; index < filled; index++) indices[base + index] = (indices[index] as number) + shift;
    }
    filled *= dim;
  }
  return indices;
}
