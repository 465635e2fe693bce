import { refuse } from '../error/refuse.js';
import { interval, magnitude, type Interval } from '../range/interval.js';
import { addressOf } from './addressing.js';
import { roundHalfEven } from './numbers.js';
import { corners, floatRange, integerRange } from './range-rules.js';
import type { KernelOperand, Step, StepInput, StepMeaning } from './step.js';

type Operation = (x: number, y: number) => number;
type RangeRule = StepMeaning['range'];

const CLIP_BEFORE = 'Clip its operands before.';

/** One operation on two elements: on INT32 exact, on FP32 rounded once to nearest, halves to even. */
function binary(onFloats: Operation, onIntegers: Operation, range: RangeRule): StepMeaning {
  const operation = (step: Step) => (step.datatype === 'FP32' ? onFloats : onIntegers);
  return {
    element(step, flat, reads) {
      const x = reads.scalar(0, addressOf(step, 0, flat)) as number;
      const y = reads.scalar(1, addressOf(step, 1, flat)) as number;
      const result = operation(step)(x, y);
      // Rounding the double result again is innocuous: 53 ≥ 2 · 24 + 2 (Figueroa 1995).
      return step.datatype === 'FP32' ? Math.fround(result) : result;
    },

    kernel(step, operands, out) {
      const [a, b] = operands as [KernelOperand, KernelOperand];
      const operate = operation(step);
      for (let at = 0; at < out.length; at++) {
        const x = a.data[a.index[at] as number] as number;
        out[at] = operate(x, b.data[b.index[at] as number] as number) as never;
      }
    },

    range,
  };
}

const addRange: RangeRule = (step, [a, b]) => resultRange(step, [a, b], a!.lo + b!.lo, a!.hi + b!.hi);
const subRange: RangeRule = (step, [a, b]) => resultRange(step, [a, b], a!.lo - b!.hi, a!.hi - b!.lo);

function resultRange(step: Step, operands: readonly (Interval | undefined)[], lo: number, hi: number): Interval {
  if (step.datatype !== 'FP32') return integerRange(step, lo, hi, CLIP_BEFORE);
  return floatRange(
    step,
    lo,
    hi,
    operands.every((operand) => operand?.integer),
  );
}

const mulRange: RangeRule = (step, operands) => {
  const [a, b] = operands as [Interval, Interval];
  const [lo, hi] = isSquare(step) ? [a.leastMagnitude ** 2, magnitude(a) ** 2] : corners(a, b, (x, y) => x * y);
  return resultRange(step, operands, lo, hi);
};

/** Both operands are the same elements. */
function isSquare({ inputs: [a, b] }: Step): boolean {
  const key = ({ source, datatype, offset, strides }: StepInput) => JSON.stringify([source, datatype, offset, strides]);
  return key(a as StepInput) === key(b as StepInput);
}

const divRange: RangeRule = (step, operands) => {
  const [a, b] = operands as [Interval, Interval];
  if (b.leastMagnitude === 0) {
    refuse(
      'DivisionByZero',
      `${step.where} can divide by zero. Keep the divisor away from it, for example by Max with a positive constant.`,
      { where: step.where, lo: b.lo, hi: b.hi },
    );
  }
  const largest = magnitude(a) / b.leastMagnitude;
  const straddles = b.lo < 0 && b.hi > 0;
  const [lo, hi] = straddles ? [-largest, largest] : corners(a, b, (x, y) => x / y);
  if (step.datatype === 'FP32') return floatRange(step, lo, hi, false);
  return integerRange(step, Math.trunc(lo), Math.trunc(hi), CLIP_BEFORE);
};

function orderRange(pick: (...values: number[]) => number): RangeRule {
  return (_step, operands) => {
    const [a, b] = operands as [Interval, Interval];
    return interval(pick(a.lo, b.lo), pick(a.hi, b.hi), a.integer && b.integer);
  };
}

export const add = binary(
  (x, y) => x + y,
  (x, y) => x + y,
  addRange,
);
export const sub = binary(
  (x, y) => x - y,
  (x, y) => x - y,
  subRange,
);
export const mul = binary(
  (x, y) => x * y,
  (x, y) => x * y,
  mulRange,
);
/** On INT32 towards zero. */
export const div = binary(
  (x, y) => x / y,
  (x, y) => Math.trunc(x / y),
  divRange,
);

// Comparisons, not Math.min: they also order bigints, and there is no NaN.
const lesser: Operation = (x, y) => (x < y ? x : y);
const greater: Operation = (x, y) => (x > y ? x : y);
export const min = order(lesser, Math.min);
export const max = order(greater, Math.max);

function order(operation: Operation, pick: (...values: number[]) => number): StepMeaning {
  const meaning = binary(operation, operation, orderRange(pick));
  return {
    ...meaning,
    // Without the rounding of `binary`, which has no meaning for bigints.
    element: (step, flat, reads) =>
      operation(
        reads.scalar(0, addressOf(step, 0, flat)) as number,
        reads.scalar(1, addressOf(step, 1, flat)) as number,
      ),
  };
}

/** Operand 0 brought between operands 1 and 2. */
export const clip: StepMeaning = {
  element(step, flat, reads) {
    const value = reads.scalar(0, addressOf(step, 0, flat));
    const least = reads.scalar(1, addressOf(step, 1, flat));
    const most = reads.scalar(2, addressOf(step, 2, flat));
    return value < least ? least : value > most ? most : value;
  },

  kernel(_step, operands, out) {
    const [value, least, most] = operands as [KernelOperand, KernelOperand, KernelOperand];
    for (let at = 0; at < out.length; at++) {
      const x = value.data[value.index[at] as number] as number;
      const lo = least.data[least.index[at] as number] as number;
      const hi = most.data[most.index[at] as number] as number;
      out[at] = (x < lo ? lo : x > hi ? hi : x) as never;
    }
  },

  range(_step, operands) {
    const [value, least, most] = operands as [Interval, Interval, Interval];
    const clamp = (bound: number) => Math.min(Math.max(bound, least.lo), most.hi);
    return interval(clamp(value.lo), clamp(value.hi), value.integer && least.integer && most.integer);
  },
};

function rounding(operation: (x: number) => number): StepMeaning {
  return {
    element: (step, flat, reads) => operation(reads.scalar(0, addressOf(step, 0, flat)) as number),

    kernel(_step, operands, out) {
      const [{ data, index }] = operands as [KernelOperand];
      for (let at = 0; at < out.length; at++) out[at] = operation(data[index[at] as number] as number) as never;
    },

    range: (_step, [a]) => interval(operation(a!.lo) + 0, operation(a!.hi) + 0, true),
  };
}

export const round = rounding(roundHalfEven);
export const floor = rounding(Math.floor);
export const ceil = rounding(Math.ceil);
