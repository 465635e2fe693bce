import { datatypeBytes } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { interval, magnitude, type Interval } from '../range/interval.js';
import { readScalar } from '../tensor/canonical.js';
import type { Scalar } from '../tensor/tensor.js';
import { addressOf, lengthAt, lengthsOf } from './addressing.js';
import { integerRange } from './range-rules.js';
import type { KernelOperand, OperandReads, Step, StepMeaning } from './step.js';

/** Combines the `length` contiguous elements at operand 0. All of it is exact, on FP32 too: see `range`. */
function reduction(
  start: number,
  combine: (soFar: number, value: number) => number,
  range: StepMeaning['range'],
): StepMeaning {
  return {
    element: (step, flat, reads) => rowOf(step, flat, reads).reduce(combine, start),

    kernel(step, operands, out) {
      const [{ data, index }] = operands as [KernelOperand];
      for (let at = 0; at < out.length; at++) {
        const from = index[at] as number;
        const to = from + lengthAt(step, at);
        let result = start;
        for (let k = from; k < to; k++) result = combine(result, data[k] as number);
        out[at] = result as never;
      }
    },

    range,
  };
}

function rowOf(step: Step, flat: number, reads: OperandReads): number[] {
  const { datatype } = step.inputs[0]!;
  const size = datatypeBytes(datatype);
  const length = lengthAt(step, flat);
  const view = reads.bytes(0, addressOf(step, 0, flat), length * size);
  return Array.from({ length }, (_, k) => readScalar(view, k * size, datatype) as number);
}

/** Every sum of some of the elements, in whatever order they are added, is exact. */
function exactSum(step: Step, value: Interval): Interval {
  const lengths = lengthsOf(step);
  const lo = Math.min(...lengths.map((length) => length * value.lo));
  const hi = Math.max(...lengths.map((length) => length * value.hi));
  if (step.datatype !== 'FP32') return integerRange(step, lo, hi, CLIP);
  if (!value.integer || step.length * magnitude(value) >= 2 ** 24) {
    refuse(
      'SumNotExact',
      `${step.where} adds ${step.length} float32 values from ${value.lo} to ${value.hi}${value.integer ? '' : ' that need not be integers'}. Round them and Clip them until no sum reaches 2^24.`,
      { where: step.where, lo: value.lo, hi: value.hi },
    );
  }
  return interval(lo, hi, true);
}

const CLIP = 'Clip its operand before.';

export const sum = reduction(
  0,
  (total, value) => total + value,
  (step, [value]) => exactSum(step, value!),
);

export const sumSquare = reduction(
  0,
  (total, value) => total + value * value,
  (step, operands) => {
    const [value] = operands as [Interval];
    return exactSum(step, { ...interval(value.leastMagnitude ** 2, magnitude(value) ** 2, value.integer) });
  },
);

export const maxOf = reduction(
  -Infinity,
  (greatest, value) => (value > greatest ? value : greatest),
  (_step, operands) => operands[0] as Interval,
);

/** The position of the first greatest of `length` contiguous elements. */
export const argMax: StepMeaning = {
  element(step, flat, reads) {
    const row = rowOf(step, flat, reads);
    return BigInt(row.indexOf(Math.max(...row)));
  },

  // Two reads, however long the row: the claimed element and a better one.
  refutes(step, flat, claimed: Scalar, reads, hint) {
    const position = Number(claimed);
    if (position < 0 || position >= step.length) return true;
    if (!(hint >= 0 && hint < step.length)) return false;
    const size = datatypeBytes(step.inputs[0]!.datatype);
    const row = addressOf(step, 0, flat);
    const value = reads.scalar(0, row + position * size);
    const better = reads.scalar(0, row + hint * size);
    return better > value || (better === value && hint < position);
  },

  kernel(step, operands, out) {
    const [{ data, index }] = operands as [KernelOperand];
    for (let at = 0; at < out.length; at++) {
      const from = index[at] as number;
      let best = 0;
      for (let k = 1; k < step.length; k++) {
        if ((data[from + k] as number) > (data[from + best] as number)) best = k;
      }
      out[at] = BigInt(best) as never;
    }
  },

  range: (step) => interval(0, step.length - 1, true),
};
