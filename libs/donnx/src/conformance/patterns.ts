import type { TensorDatatype } from '@openimo/domain';
import { productOf, tensorOf, type Scalar, type Tensor } from '../tensor/tensor.js';

/** Numbers without chance in them, among them those that machines are known to treat differently. */

function fill(datatype: TensorDatatype, dims: readonly number[], element: (at: number) => Scalar): Tensor {
  return tensorOf(
    datatype,
    dims,
    Array.from({ length: productOf(dims) }, (_, at) => element(at)),
  );
}

/** Bytes: runs of 255, which overflow 16-bit sums of products first, zeros, and everything between. */
export function byteAt(at: number): number {
  if (at % 7 < 3) return 255;
  return at % 11 === 0 ? 0 : (at * 89 + 3) % 256;
}

/** Weights in [-64, 63], with runs of either end. */
export function s7(dims: readonly number[]): Tensor {
  return fill('INT8', dims, (at) => (at % 13 < 4 ? 63 : at % 17 < 4 ? -64 : ((at * 53) % 128) - 64));
}

export function u8(dims: readonly number[]): Tensor {
  return fill('UINT8', dims, (at) => byteAt(at + 5));
}

export function i32(dims: readonly number[], values: readonly number[]): Tensor {
  return fill('INT32', dims, (at) => values[at % values.length] as number);
}

export function i64(values: readonly number[]): Tensor {
  return tensorOf('INT64', [values.length], values);
}

export function f32(dims: readonly number[], values: readonly number[]): Tensor {
  return fill('FP32', dims, (at) => Math.fround(values[at % values.length] as number));
}

/** One number of a type. */
export function scalar(datatype: TensorDatatype, value: number): Tensor {
  return tensorOf(datatype, [], [value]);
}

/** Fractions without a short binary form. */
export function fractions(dims: readonly number[]): Tensor {
  return fill('FP32', dims, (at) => Math.fround((((at * 7_919) % 1_009) - 504) / 37 + 1 / 64));
}
