import { datatypeBytes, type TensorDatatype } from '@openimo/domain';
import type { Source } from '../steps/step.js';
import { rowMajorStrides } from '../tensor/tensor.js';

/** An ONNX value as a strided view of a committed tensor. Strides and offset are bytes of that tensor. */
export interface Value {
  readonly datatype: TensorDatatype;
  readonly dims: readonly number[];
  readonly source: Source;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** A row-major view of all of `source`. */
export function wholeOf(source: Source, datatype: TensorDatatype, dims: readonly number[]): Value {
  return { datatype, dims, source, offset: 0, strides: rowMajorStrides(dims, datatypeBytes(datatype)) };
}

/** Whether the elements of axes `from` and on lie one after another in row-major order. */
export function isContiguous({ dims, strides, datatype }: Value, from = 0): boolean {
  let expected = datatypeBytes(datatype);
  for (let axis = dims.length - 1; axis >= from; axis--) {
    const dim = dims[axis] as number;
    if (dim !== 1 && strides[axis] !== expected) return false;
    expected *= dim;
  }
  return true;
}

/** The view with its axes in the order `permutation`. */
export function permute(value: Value, permutation: readonly number[]): Value {
  return {
    ...value,
    dims: permutation.map((axis) => value.dims[axis] as number),
    strides: permutation.map((axis) => value.strides[axis] as number),
  };
}

/** The view over other axes, given the stride of each. */
export function restride(
  value: Value,
  dims: readonly number[],
  strides: readonly number[],
  offset = value.offset,
): Value {
  return { ...value, dims, strides, offset };
}

/** The shape that `shapes` broadcast to, or undefined where they do not fit. */
export function broadcastDims(shapes: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const dims = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const at = rank - shape.length + axis;
      const dim = shape[axis] as number;
      if (dim === 1) continue;
      if (dims[at] !== 1 && dims[at] !== dim) return undefined;
      dims[at] = dim;
    }
  }
  return dims;
}

/** The view repeated to `dims`, which it broadcasts to. */
export function broadcastTo(value: Value, dims: readonly number[]): Value {
  const missing = dims.length - value.dims.length;
  return {
    ...value,
    dims,
    strides: dims.map((_, axis) =>
      axis < missing || value.dims[axis - missing] === 1 ? 0 : (value.strides[axis - missing] as number),
    ),
  };
}
