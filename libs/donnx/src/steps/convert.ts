import type { TensorDatatype } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { boundsOf, fits, interval, type Interval } from '../range/interval.js';
import type { Scalar } from '../tensor/tensor.js';
import { addressOf } from './addressing.js';
import { roundHalfEven, saturate } from './numbers.js';
import { corners, floatRange } from './range-rules.js';
import type { KernelOperand, Step, StepMeaning } from './step.js';

function castScalar(value: Scalar, from: TensorDatatype, to: TensorDatatype): Scalar {
  if (from === to) return value;
  switch (to) {
    case 'BOOL':
      return Number(value) === 0 ? 0 : 1;
    case 'FP32':
      // An INT64 beyond 2^53 must be rounded once, not twice: BigInt to double to float could be off by one.
      return typeof value === 'bigint' ? froundBigInt(value) : Math.fround(value);
    case 'INT64':
      return BigInt(Math.trunc(Number(value)));
    default:
      return Math.trunc(Number(value)) + 0;
  }
}

/** Rounds once: doubles keep the top 53 bits, and a sticky bit below them decides ties as the cut-off bits would. */
function froundBigInt(value: bigint): number {
  const size = value < 0n ? -value : value;
  if (size < 1n << 53n) return Math.fround(Number(value));
  const shift = BigInt(size.toString(2).length - 40);
  const sticky = (size & ((1n << shift) - 1n)) === 0n ? 0n : 1n;
  const top = Math.fround(Number(((size >> shift) << 1n) | sticky)) * 2 ** (Number(shift) - 1);
  return value < 0n ? -top : top;
}

/** Between integers unchanged, INT to FP32 rounded once, FP32 to INT towards zero, to BOOL whether not zero. */
export const cast: StepMeaning = {
  element: (step, flat, reads) =>
    castScalar(reads.scalar(0, addressOf(step, 0, flat)), step.inputs[0]!.datatype, step.datatype),

  kernel(step, operands, out) {
    const [{ data, index }] = operands as [KernelOperand];
    const from = step.inputs[0]!.datatype;
    for (let at = 0; at < out.length; at++) {
      out[at] = castScalar(data[index[at] as number] as Scalar, from, step.datatype) as never;
    }
  },

  range(step, operands) {
    const [value] = operands as [Interval];
    if (step.datatype === 'BOOL') return interval(0, 1, true);
    if (step.datatype === 'FP32') return floatRange(step, value.lo, value.hi, value.integer);
    const result = interval(Math.trunc(value.lo) + 0, Math.trunc(value.hi) + 0, true);
    // The interval of INT64 ends at 2^63 only because doubles cannot say 2^63 - 1; a float32 can be 2^63.
    const tooBig = step.inputs[0]!.datatype === 'FP32' && result.hi >= 2 ** 63;
    if (tooBig || !fits(result, boundsOf(step.datatype))) {
      refuse(
        'IntegerOverflow',
        `${step.where} casts values from ${value.lo} to ${value.hi}, which ${step.datatype} does not hold. Clip them before.`,
        { where: step.where, lo: value.lo, hi: value.hi },
      );
    }
    return result;
  },
};

type Conversion = (value: number, scale: number, zeroPoint: number, datatype: TensorDatatype) => number;

const quantizeScalar: Conversion = (value, scale, zeroPoint, datatype) =>
  saturate(roundHalfEven(Math.fround(value / scale)) + zeroPoint, datatype);
const requantizeScalar: Conversion = (value, multiplier, zeroPoint, datatype) =>
  saturate(roundHalfEven(Math.fround(Math.fround(value) * multiplier)) + zeroPoint, datatype);
const dequantizeScalar: Conversion = (value, scale, zeroPoint) => Math.fround(Math.fround(value - zeroPoint) * scale);

/** Operand 0 and its scale, operand 1; the zero point is params[0]. */
function conversion(convert: Conversion, range: StepMeaning['range']): StepMeaning {
  return {
    element(step, flat, reads) {
      const value = reads.scalar(0, addressOf(step, 0, flat)) as number;
      const scale = reads.scalar(1, addressOf(step, 1, flat)) as number;
      return convert(value, scale, step.params[0], step.datatype);
    },

    kernel(step, operands, out) {
      const [a, b] = operands as [KernelOperand, KernelOperand];
      for (let at = 0; at < out.length; at++) {
        const value = a.data[a.index[at] as number] as number;
        const scale = b.data[b.index[at] as number] as number;
        out[at] = convert(value, scale, step.params[0], step.datatype) as never;
      }
    },

    range,
  };
}

function saturatedRange(step: Step, [lo, hi]: readonly [number, number]): Interval {
  const before = floatRange(step, lo, hi, false);
  const bound = (value: number) => saturate(roundHalfEven(value) + step.params[0], step.datatype);
  return interval(bound(before.lo), bound(before.hi), true);
}

function checkScale(step: Step, scale: Interval): void {
  if (scale.lo <= 0) {
    refuse('NotFinite', `${step.where} has a scale of ${scale.lo}. Scales are positive.`, { where: step.where });
  }
}

/** saturate(round(x / scale) + zero point): the division rounds once, round is half to even. */
export const quantize = conversion(quantizeScalar, (step, operands) => {
  const [value, scale] = operands as [Interval, Interval];
  checkScale(step, scale);
  return saturatedRange(
    step,
    corners(value, scale, (x, y) => x / y),
  );
});

/** saturate(round(f32(f32(x) · multiplier)) + zero point). */
export const requantize = conversion(requantizeScalar, (step, operands) => {
  const [value, multiplier] = operands as [Interval, Interval];
  checkScale(step, multiplier);
  return saturatedRange(
    step,
    corners(value, multiplier, (x, y) => Math.fround(x) * y),
  );
});

/** f32(f32(x - zero point) · scale). */
export const dequantize = conversion(dequantizeScalar, (step, operands) => {
  const [value, scale] = operands as [Interval, Interval];
  checkScale(step, scale);
  const shifted = interval(value.lo - step.params[0], value.hi - step.params[0], true);
  return floatRange(step, ...corners(shifted, scale, (x, y) => Math.fround(x) * y), scale.integer);
});
