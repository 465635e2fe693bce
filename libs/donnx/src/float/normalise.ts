import type { PlainNode } from '../onnx/plain-graph.js';
import type { FloatLowering, Recipe } from './float-lowering.js';

/** Steps per unit of the exponent, and where exp(-x) has become nothing. */
const EXP_STEPS = 128;
const EXP_ENTRIES = 16 * EXP_STEPS;
const RSQRT_ENTRIES = 4096;

function lastAxis(lowering: FloatLowering, node: PlainNode, value: string): number {
  const { length: rank } = lowering.dims(value);
  const axis = Number(node.attributes.get('axis') ?? -1);
  if (axis !== -1 && axis !== rank - 1)
    lowering.refuse('AttributeNotAllowed', 'works on an axis that is not the last. Transpose before.');
  return lowering.dims(value).at(-1) as number;
}

/** Softmax in integers: distance to the maximum, a table of exponentials, an exact sum, one division. */
const softmax: Recipe = (lowering, node) => {
  const [value = ''] = node.inputs;
  const length = lastAxis(lowering, node, value);
  // All partial sums of integers stay exact below 2^24.
  const one = Math.min(65_535, Math.floor((2 ** 24 - 1) / length));
  const steps = lowering.rounded(value, 1 / EXP_STEPS, -(2 ** 20), 2 ** 20);
  const distance = lowering.emit('Sub', [lowering.reduce('ReduceMax', steps, [-1]), steps]);
  const table = Array.from({ length: EXP_ENTRIES }, (_, at) => Math.round(one * Math.exp(-at / EXP_STEPS)));
  const weights = lowering.lookUp(lowering.clip(distance, 0, EXP_ENTRIES - 1), lowering.dims(value), table);
  const total = lowering.sum(weights, [-1], 1);
  // The maximum itself counts `one`; Max says so to the range analysis.
  const positive = lowering.emit('Max', [total, lowering.float(one)]);
  lowering.emit('Div', [weights, positive], {}, node.outputs[0]);
};

/** Mean over axes: the sum of INT32 in a unit fine enough for the range that the value had. */
function mean(lowering: FloatLowering, value: string, axes: readonly number[], keepdims: number, output: string): void {
  const { dims, lo, hi } = lowering.observation(value);
  const count = axes.reduce((product, axis) => product * (dims.at(axis) as number), 1);
  const most = Math.min(2 ** 20, Math.floor((2 ** 31 - 1) / count));
  const unit = Math.max(Math.abs(lo), Math.abs(hi)) / most || 1;
  const integers = lowering.cast(lowering.rounded(value, unit, -most, most), 'INT32');
  const sum = lowering.cast(lowering.sum(integers, axes, keepdims), 'FP32');
  lowering.emit('Mul', [sum, lowering.float(unit / count)], {}, output);
}

const reduceMean: Recipe = (lowering, node) => {
  const [value = '', by = ''] = node.inputs;
  const given = lowering.weight(by)?.data ?? node.attributes.get('axes');
  const axes = given
    ? Array.from(given as ArrayLike<number | bigint>, Number)
    : lowering.dims(value).map((_, axis) => axis);
  mean(lowering, value, axes, Number(node.attributes.get('keepdims') ?? 1), node.outputs[0] as string);
};

const globalAveragePool: Recipe = (lowering, { inputs: [value = ''], outputs: [output = ''] }) => {
  const axes = lowering
    .dims(value)
    .map((_, axis) => axis)
    .slice(2);
  mean(lowering, value, axes, 1, output);
};

/** 1 / √v: a table of first guesses and two Newton steps, y · (1.5 - 0.5 · v · y²). */
function reciprocalRoot(lowering: FloatLowering, value: string, most: number, dims: readonly number[]): string {
  const step = most / (RSQRT_ENTRIES - 1);
  const index = lowering.rounded(value, step, 0, RSQRT_ENTRIES - 1);
  const table = Array.from({ length: RSQRT_ENTRIES }, (_, at) => 1 / Math.sqrt((at || 0.25) * step));
  const newton = (guess: string) => {
    const squared = lowering.emit('Mul', [value, lowering.emit('Mul', [guess, guess])]);
    const factor = lowering.emit('Sub', [lowering.float(1.5), lowering.times(squared, 0.5)]);
    return lowering.emit('Mul', [guess, factor]);
  };
  return newton(newton(lowering.lookUp(index, dims, table)));
}

/** Mean and variance from exact integer sums; the value itself stays FP32. */
const layerNormalization: Recipe = (lowering, node) => {
  const [value = '', gain = '', bias = ''] = node.inputs;
  const length = lastAxis(lowering, node, value);
  const epsilon = Number(node.attributes.get('epsilon') ?? 1e-5);
  const { lo, hi, dims } = lowering.observation(value);
  const largest = Math.max(Math.abs(lo), Math.abs(hi)) || 1;
  // The squares of distances up to 2 · most from a rounded mean add up below 2^31.
  const most = Math.min(2047, Math.floor(Math.sqrt((2 ** 31 - 1) / length) / 2));
  const unit = largest / most;
  const integers = lowering.cast(lowering.rounded(value, unit, -most, most), 'INT32');
  const sum = lowering.cast(lowering.sum(integers, [-1], 1), 'FP32');
  const centre = lowering.emit('Round', [lowering.times(sum, 1 / length)]);
  const distance = lowering.emit('Sub', [integers, lowering.cast(lowering.clip(centre, -most, most), 'INT32')]);
  const squares = lowering.cast(lowering.reduce('ReduceSumSquare', distance, [-1]), 'FP32');
  const variance = lowering.emit('Add', [lowering.times(squares, unit ** 2 / length), lowering.float(epsilon)]);
  const root = reciprocalRoot(lowering, variance, largest ** 2, dims.with(-1, 1));
  const centred = lowering.emit('Sub', [value, lowering.times(sum, unit / length)]);
  const normal = lowering.emit('Mul', [centred, root]);
  const [output = ''] = node.outputs;
  const scaled = lowering.emit('Mul', [normal, gain], {}, bias ? undefined : output);
  if (bias) lowering.emit('Add', [scaled, bias], {}, output);
};

/** At inference a multiplication and an addition per channel. */
const batchNormalization: Recipe = (lowering, node) => {
  const [value = '', ...names] = node.inputs;
  const [gain, bias, mu, variance] = names.map((name) => {
    const tensor =
      lowering.weight(name) ?? lowering.refuse('NotConstant', 'has computed statistics. Export for inference.');
    return Array.from(tensor.data as ArrayLike<number>, Number);
  }) as [number[], number[], number[], number[]];
  const epsilon = Number(node.attributes.get('epsilon') ?? 1e-5);
  const factors = gain.map((factor, at) => factor / Math.sqrt((variance[at] as number) + epsilon));
  const offsets = bias.map((offset, at) => offset - (mu[at] as number) * (factors[at] as number));
  const dims = [
    factors.length,
    ...lowering
      .dims(value)
      .slice(2)
      .map(() => 1),
  ];
  const scaled = lowering.emit('Mul', [value, lowering.constant('FP32', dims, factors.map(Math.fround))]);
  lowering.emit('Add', [scaled, lowering.constant('FP32', dims, offsets.map(Math.fround))], {}, node.outputs[0]);
};

export const NORMALISE: Readonly<Record<string, Recipe>> = {
  Softmax: softmax,
  ReduceMean: reduceMean,
  GlobalAveragePool: globalAveragePool,
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
};
