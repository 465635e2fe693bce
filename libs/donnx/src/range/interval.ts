import type { TensorDatatype } from '@openimo/domain';
import type { Tensor } from '../tensor/tensor.js';

/** What is proven of every element of a tensor, for every input. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
  /** Every element is an integer. */
  readonly integer: boolean;
  /** No element is nearer to zero than this; 0 when one may be zero. */
  readonly leastMagnitude: number;
}

export function interval(lo: number, hi: number, integer: boolean): Interval {
  return { lo, hi, integer, leastMagnitude: lo > 0 ? lo : hi < 0 ? -hi : 0 };
}

/** The largest magnitude. */
export function magnitude({ lo, hi }: Interval): number {
  return Math.max(Math.abs(lo), Math.abs(hi));
}

export function union(intervals: readonly Interval[]): Interval {
  return {
    lo: Math.min(...intervals.map(({ lo }) => lo)),
    hi: Math.max(...intervals.map(({ hi }) => hi)),
    integer: intervals.every(({ integer }) => integer),
    leastMagnitude: Math.min(...intervals.map(({ leastMagnitude }) => leastMagnitude)),
  };
}

const INTEGER_BOUNDS: Readonly<Record<Exclude<TensorDatatype, 'FP32'>, readonly [number, number]>> = {
  BOOL: [0, 1],
  UINT8: [0, 255],
  INT8: [-128, 127],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  // As doubles; comparisons against bounds far below 2^53 stay exact.
  INT64: [-(2 ** 63), 2 ** 63],
};

/** Everything an integer type can hold. FP32 has no such bounds, because NaN and infinities are outside the profile. */
export function boundsOf(datatype: Exclude<TensorDatatype, 'FP32'>): Interval {
  const [lo, hi] = INTEGER_BOUNDS[datatype];
  return interval(lo, hi, true);
}

export function fits({ lo, hi }: Interval, bounds: Interval): boolean {
  return lo >= bounds.lo && hi <= bounds.hi;
}

/** Exact bounds of a constant. */
export function intervalOf({ data }: Tensor): Interval {
  let lo = Infinity;
  let hi = -Infinity;
  let leastMagnitude = Infinity;
  let integer = true;
  for (let index = 0; index < data.length; index++) {
    const value = Number(data[index]);
    if (value < lo) lo = value;
    if (value > hi) hi = value;
    if (Math.abs(value) < leastMagnitude) leastMagnitude = Math.abs(value);
    integer &&= Number.isInteger(value);
  }
  return { lo, hi, integer, leastMagnitude };
}
