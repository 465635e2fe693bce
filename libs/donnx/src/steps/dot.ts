import { refuse } from '../error/refuse.js';
import { interval, type Interval } from '../range/interval.js';
import { canonicalBytes } from '../tensor/canonical.js';
import { addressOf, kernelOperand, lengthAt, lengthsOf } from './addressing.js';
import { integerRange } from './range-rules.js';
import type { KernelOperand, Step, StepInput, StepMeaning, StepOperands } from './step.js';

const SMALLER = 'Shorten the dot product or scale its operands down.';

/** Σ (a - params[0]) · (b - params[1]) over contiguous bytes of both operands, into INT32. */
export const dot: StepMeaning = {
  element(step, flat, reads) {
    const length = lengthAt(step, flat);
    const [za, zb] = step.params;
    const a = byteReader(step, 0, reads.bytes(0, addressOf(step, 0, flat), length));
    const b = byteReader(step, 1, reads.bytes(1, addressOf(step, 1, flat), length));
    let sum = 0;
    for (let k = 0; k < length; k++) sum += (a(k) - za) * (b(k) - zb);
    return sum;
  },

  kernel(step, operands, out) {
    const [a, b] = operands as [KernelOperand, KernelOperand];
    const [za, zb] = step.params;
    const [x, y] = [a.data as Uint8Array, b.data as Uint8Array];
    for (let at = 0; at < out.length; at++) {
      const length = lengthAt(step, at);
      const [i, j] = [a.index[at] as number, b.index[at] as number];
      let sum = 0;
      // Math.imul keeps the loop in integers, which is four times as fast here.
      for (let k = 0; k < length; k++)
        sum = (sum + Math.imul((x[i + k] as number) - za, (y[j + k] as number) - zb)) | 0;
      out[at] = sum;
    }
  },

  range(step, operands, graph) {
    const [a, b] = operands as [Interval, Interval];
    const [za, zb] = step.params;
    if (step.inputs[1]!.datatype === 'INT8' && (b.lo < -64 || b.hi > 63)) {
      refuse(
        'WeightsOutOfRange',
        `${step.where} multiplies by INT8 values from ${b.lo} to ${b.hi}. Processors without VNNI saturate their sums: keep them in [-64, 63], or use UINT8 weights.`,
        { where: step.where, lo: b.lo, hi: b.hi },
      );
    }
    const shifted = interval(a.lo - za, a.hi - za, true);
    const [lo, hi] = weightedBounds(step, shifted, graph) ?? worstBounds(step, shifted, b.lo - zb, b.hi - zb);
    return integerRange(step, lo, hi, SMALLER);
  },
};

function byteReader(step: Step, input: number, view: DataView): (at: number) => number {
  return step.inputs[input]!.datatype === 'INT8' ? (at) => view.getInt8(at) : (at) => view.getUint8(at);
}

function worstBounds(step: Step, a: Interval, least: number, most: number): readonly [number, number] {
  const products = [a.lo * least, a.lo * most, a.hi * least, a.hi * most];
  const sums = lengthsOf(step).flatMap((length) => products.map((product) => length * product));
  return [Math.min(...sums), Math.max(...sums)];
}

/** Exact worst cases over the rows of constant weights. */
function weightedBounds(step: Step, a: Interval, graph: StepOperands): readonly [number, number] | undefined {
  const tensor = graph.constant(1);
  if (tensor === undefined) return undefined;
  const input = step.inputs[1] as StepInput;
  const bytes = canonicalBytes(tensor, step.where);
  // One row per distinct address: axes along which the weights do not change are left out.
  const axes = step.dims.map((_, axis) => axis).filter((axis) => input.strides[axis] !== 0);
  const dims = axes.map((axis) => step.dims[axis] as number);
  const strides = axes.map((axis) => input.strides[axis] as number);
  const { data, index } = kernelOperand(dims, { ...input, strides }, bytes);
  let [lo, hi] = [Infinity, -Infinity];
  index.forEach((row, at) => {
    const length = lengthAt({ ...step, dims }, at);
    let [least, most] = [0, 0];
    for (let k = 0; k < length; k++) {
      const weight = Number(data[row + k]) - step.params[1];
      least += weight * (weight > 0 ? a.lo : a.hi);
      most += weight * (weight > 0 ? a.hi : a.lo);
    }
    lo = Math.min(lo, least);
    hi = Math.max(hi, most);
  });
  return [lo, hi];
}
