import { refuse } from '../error/refuse.js';
import { boundsOf, fits, interval, type Interval } from '../range/interval.js';
import type { Step } from './step.js';

/** The bounds of an integer result, which must fit its type. `remedy` says how to make it fit. */
export function integerRange(step: Step, lo: number, hi: number, remedy: string): Interval {
  const result = interval(lo + 0, hi + 0, true);
  if (step.datatype === 'FP32') return floatRange(step, lo, hi, true);
  if (!fits(result, boundsOf(step.datatype))) {
    refuse(
      'IntegerOverflow',
      `${step.where} can reach ${Math.abs(lo) > Math.abs(hi) ? lo : hi}, which ${step.datatype} does not hold. ${remedy}`,
      { where: step.where, lo, hi },
    );
  }
  return result;
}

/** The bounds of a float32 result after its one rounding, which is monotone. It must be finite for every input. */
export function floatRange(step: Step, lo: number, hi: number, integer: boolean): Interval {
  const [least, most] = [Math.fround(lo) + 0, Math.fround(hi) + 0];
  if (!Number.isFinite(least) || !Number.isFinite(most)) {
    refuse('NotFinite', `${step.where} can leave the finite numbers of float32. Clip its operands before.`, {
      where: step.where,
      lo,
      hi,
    });
  }
  return interval(least, most, integer);
}

/** The least and greatest of `combine` over the corners of two intervals; exact where `combine` is monotone in each. */
export function corners(
  a: Interval,
  b: Interval,
  combine: (x: number, y: number) => number,
): readonly [lo: number, hi: number] {
  const values = [combine(a.lo, b.lo), combine(a.lo, b.hi), combine(a.hi, b.lo), combine(a.hi, b.hi)];
  return [Math.min(...values), Math.max(...values)];
}
