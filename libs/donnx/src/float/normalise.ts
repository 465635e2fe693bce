import type { PlainNode } from '../onnx/plain-graph.js';
import { MAX_REDUCE_LENGTH } from '../steps/step.js';
import type { FloatLowering, Recipe } from './float-lowering.js';
import type { Observation } from './observation.js';

/** Steps per unit of the exponent, and where exp(-x) has become nothing. */
const EXP_STEPS = 128;
const EXP_ENTRIES = 16 * EXP_STEPS;
/** Weights in a byte, for distances in a byte: what is further away than 6.4 weighs less than half of 1/255. */
const BYTE_STEP = 6.4 / 255;
/** Weights for integer distances: more are slow to look up. */
const MOST_WEIGHTS = 65_536;
const BYTE_WEIGHTS = byteWeights(256, BYTE_STEP);
/** Entry i is 1 / √share for shares of i to i + 1 of ROOT_ENTRIES. */
const ROOT_ENTRIES = 16_384;
const ROOTS = Array.from({ length: ROOT_ENTRIES }, (_, at) => Math.sqrt(ROOT_ENTRIES / (at + 0.5)));
/** Entry i is the root of a mean square of i to i + 1 times SQUARES, less what rounding to integers adds to it on average. */
const INT8_MAX = 127;
const SQUARES = 4;
const ROOTS_OF_SQUARES = Array.from({ length: (INT8_MAX + 1) ** 2 / SQUARES + 1 }, (_, at) =>
  Math.sqrt(SQUARES * (at + 0.5) - 1 / 12),
);
/** A mean that is nothing beside the step of 8 bits. */
const NO_MEAN = 2 ** -12;

function lastAxis(lowering: FloatLowering, node: PlainNode, value: string): number {
  const { length: rank } = lowering.dims(value);
  const axis = Number(node.attributes.get('axis') ?? -1);
  if (axis !== -1 && axis !== rank - 1)
    lowering.refuse('AttributeNotAllowed', 'works on an axis that is not the last. Transpose before.');
  return lowering.dims(value).at(-1) as number;
}

/** Distance to the maximum in steps, as an index: cut off, which the table's entries take the middle of. */
function distances(lowering: FloatLowering, value: string, entries: number): string {
  return lowering.clip(lowering.times(distanceToMax(lowering, value), EXP_STEPS), 0, entries - 1);
}

function distanceToMax(lowering: FloatLowering, value: string): string {
  return lowering.emit('Sub', [lowering.reduce('ReduceMax', value, [-1]), value]);
}

function exponentials(entries: number, one: number): number[] {
  return Array.from({ length: entries }, (_, at) => Math.round(one * Math.exp(-(at === 0 ? 0 : at + 0.5) / EXP_STEPS)));
}

/** Softmax by a table of exponentials of the distance to the maximum, an exact sum and one division. */
const softmax: Recipe = (lowering, node) => {
  const [value = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const length = lastAxis(lowering, node, value);
  const dims = lowering.dims(value);
  if (isWeighing(lowering, output)) {
    // A byte per weight, and the division after the sum over far fewer elements.
    const weights = weighByte(lowering, value, dims);
    const ones = lowering.constant('UINT8', [length, 1], new Array<number>(length).fill(1));
    const total = lowering.cast(lowering.emit('MatMulInteger', [weights, ones]), 'FP32');
    lowering.weighted.set(output, { weights, total: lowering.clip(total, 255, 255 * length) });
    return;
  }
  // All partial sums of integers stay exact below 2^24.
  const one = Math.min(65_535, Math.floor((2 ** 24 - 1) / length));
  const weights = lowering.lookUp(
    lowering.cast(distances(lowering, value, EXP_ENTRIES), 'INT32'),
    dims,
    exponentials(EXP_ENTRIES, one),
  );
  // The maximum itself counts `one`; Max says so to the range analysis.
  const positive = lowering.emit('Max', [lowering.sum(weights, [-1], 1), lowering.float(one)]);
  lowering.emit('Div', [weights, positive], {}, output);
};

/** Scores counted in a unit are integers, and their distance to the maximum is an index as it is. */
function weighByte(lowering: FloatLowering, value: string, dims: readonly number[]): string {
  const distance = distanceToMax(lowering, value);
  const unit = lowering.units.get(value);
  if (unit === undefined) {
    const zero = lowering.zeroPoint({ zeroPoint: 0 });
    const index = lowering.emit('QuantizeLinear', [distance, lowering.float(BYTE_STEP), zero]);
    return lowering.lookUp(lowering.cast(index, 'INT32'), dims, BYTE_WEIGHTS, undefined, 'UINT8');
  }
  const entries = entriesFor(unit);
  const bounds = [0, entries - 1].map((bound) => lowering.constant('INT32', [], [bound]));
  const index = lowering.emit('Clip', [distance, ...bounds]);
  return lowering.lookUp(index, dims, byteWeights(entries, unit), undefined, 'UINT8');
}

function byteWeights(entries: number, step: number): number[] {
  return Array.from({ length: entries }, (_, at) => Math.round(255 * Math.exp(-at * step)));
}

/** Up to the first integer distance that weighs nothing in a byte. */
function entriesFor(unit: number): number {
  return Math.ceil(Math.log(2 * 255) / unit) + 1;
}

/** Whether scores may stay integers that count a unit: the table of their weights is of a size to keep at hand. */
export function isCountable(unit: number): boolean {
  return entriesFor(unit) <= MOST_WEIGHTS;
}

/** Whether a softmax only weighs the rows of another activation, as in attention. */
export function isWeighing(lowering: FloatLowering, output: string): boolean {
  const [consumer, ...others] = lowering.consumersOf(output);
  if (consumer?.operator !== 'MatMul' || others.length > 0) return false;
  return consumer.inputs[0] === output && lowering.weight(consumer.inputs[1] as string) === undefined;
}

/** The sum over axes by a divisor, 1 or the count: a sum of INT32 in a unit fine enough for the range that the value had. */
function sumOver(
  lowering: FloatLowering,
  value: string,
  axes: readonly number[],
  keepdims: number,
  divisor: (count: number) => number,
  output: string,
): void {
  const { dims, lo, hi } = lowering.observation(value);
  const count = axes.reduce((product, axis) => product * (dims.at(axis) as number), 1);
  const most = Math.min(2 ** 20, Math.floor((2 ** 31 - 1) / count));
  const unit = Math.max(Math.abs(lo), Math.abs(hi)) / most || 1;
  const integers = lowering.cast(lowering.rounded(value, unit, -most, most), 'INT32');
  const sum = lowering.cast(lowering.sum(integers, axes, keepdims), 'FP32');
  lowering.emit('Mul', [sum, lowering.float(unit / divisor(count))], {}, output);
}

const byCount = (count: number) => count;

function reduction(divisor: (count: number) => number): Recipe {
  return (lowering, node) => {
    const [value = '', by = ''] = node.inputs;
    const given = lowering.weight(by)?.data ?? node.attributes.get('axes');
    const axes = given
      ? Array.from(given as ArrayLike<number | bigint>, Number)
      : lowering.dims(value).map((_, axis) => axis);
    const keepdims = Number(node.attributes.get('keepdims') ?? 1);
    sumOver(lowering, value, axes, keepdims, divisor, node.outputs[0] as string);
  };
}

const floatSum = reduction(() => 1);

/** Integers are summed as they are. */
const reduceSum: Recipe = (lowering, node) =>
  lowering.isFloat(node.inputs[0] as string) ? floatSum(lowering, node) : lowering.copy(node);

const globalAveragePool: Recipe = (lowering, { inputs: [value = ''], outputs: [output = ''] }) => {
  const axes = lowering
    .dims(value)
    .map((_, axis) => axis)
    .slice(2);
  sumOver(lowering, value, axes, 1, byCount, output);
};

/**
 * Mean and variance from exact sums of 8-bit integers, whose rounding hardly moves them; the value itself stays FP32. The
 * variance as mean of squares less square of mean: both are far below 2^24, so little is lost. The reciprocal root is a
 * table over the share of the largest variance there can be, the same for every node.
 */
const layerNormalization: Recipe = (lowering, node) => {
  const [value = '', gain = '', bias = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const length = lastAxis(lowering, node, value);
  const epsilon = Number(node.attributes.get('epsilon') ?? 1e-5);
  if (isTakenUp(lowering, output) && isCentred(lowering.observation(value), epsilon)) {
    rootMeanSquareNormalization(lowering, node, length);
    return;
  }
  const { lo, hi, dims } = lowering.observation(value);
  const { name, scale, zeroPoint } = lowering.quantise(value);
  const integers = lowering.cast(name, 'INT32');
  const sum = lowering.cast(lowering.sum(integers, [-1], 1), 'FP32');
  const squares = lowering.cast(lowering.reduce('ReduceSumSquare', integers, [-1]), 'FP32');
  const middle = lowering.times(sum, scale / length);
  const spread = lowering.emit('Sub', [
    lowering.times(squares, scale ** 2 / length),
    lowering.emit('Mul', [middle, middle]),
  ]);
  const largest = Math.max(lo ** 2, hi ** 2) + epsilon;
  const variance = lowering.emit('Add', [spread, lowering.float(epsilon)]);
  const index = lowering.clip(lowering.times(variance, ROOT_ENTRIES / largest), 0, ROOT_ENTRIES - 1);
  const root = lowering.lookUp(lowering.cast(index, 'INT32'), dims.with(-1, 1), ROOTS);
  const centre = lowering.emit('Sub', [middle, lowering.float(zeroPoint * scale)]);
  const centred = lowering.emit('Sub', [value, centre]);
  // The table holds 1 / √share; what is missing is 1 / √largest.
  const gains = weightOf(lowering, gain).map((factor) => factor / Math.sqrt(largest));
  const biases = bias ? weightOf(lowering, bias) : gains.map(() => 0);
  if (isTakenUp(lowering, output)) {
    lowering.emit('Mul', [centred, root], {}, output);
    lowering.overrule(output, before(lowering.observation(output), gains, biases));
    lowering.folded.set(output, { gains, biases });
    return;
  }
  const normal = lowering.emit('Mul', [centred, root]);
  const factors = lowering.constant('FP32', [length], gains.map(Math.fround));
  const scaled = lowering.emit('Mul', [normal, factors], {}, bias ? undefined : output);
  if (bias) lowering.emit('Add', [scaled, bias], {}, output);
};

/** Rows of mean zero, next to whose variance epsilon is nothing. */
function isCentred({ dims, lo, hi, rowMean }: Observation, epsilon: number): boolean {
  const most = Math.max(-lo, hi);
  return dims.length === 2 && rowMean <= most * NO_MEAN && epsilon <= (most / INT8_MAX) ** 2 / 2;
}

/**
 * Without a mean to take out, a row's unit is its root mean square: an exact sum of squares of INT8, a table of roots, and
 * the row goes to 8 bits by one division. Gain and bias go into the products that read it.
 */
function rootMeanSquareNormalization(lowering: FloatLowering, { inputs, outputs }: PlainNode, length: number): void {
  const [value = '', gain = '', bias = ''] = inputs;
  const [output = ''] = outputs;
  const { lo, hi, dims } = lowering.observation(value);
  const [rows] = dims as [number];
  const gains = weightOf(lowering, gain);
  const biases = bias ? weightOf(lowering, bias) : gains.map(() => 0);
  lowering.overrule(output, before(lowering.observation(output), gains, biases));
  const encoding = lowering.encodingOf(output);
  const scale = Math.fround(Math.max(-lo, hi) / INT8_MAX);
  const zero = lowering.constant('INT8', [], [0]);
  const small = lowering.emit('QuantizeLinear', [value, lowering.float(scale), zero]);
  const squares = lowering.reduce('ReduceSumSquare', lowering.cast(small, 'INT32'), [-1], 0);
  const meanSquare = lowering.emit('Div', [squares, lowering.constant('INT32', [], [SQUARES * length])]);
  // The range analysis takes the segments of a long sum for full ones.
  const isWithin = length <= MAX_REDUCE_LENGTH || length % MAX_REDUCE_LENGTH === 0;
  const bounds = [0, ROOTS_OF_SQUARES.length - 1].map((bound) => lowering.constant('INT32', [], [bound]));
  const index = isWithin ? meanSquare : lowering.emit('Clip', [meanSquare, ...bounds]);
  const unit = scale * encoding.scale;
  const units = lowering.lookUpRows(
    index,
    ROOTS_OF_SQUARES.map((root) => root * unit),
  );
  const zeroPoints = lowering.constant('UINT8', [rows], new Array<number>(rows).fill(encoding.zeroPoint));
  const name = lowering.emit('QuantizeLinear', [value, units, zeroPoints], { axis: 0 });
  lowering.remember(output, { ...encoding, name });
  lowering.folded.set(output, { gains, biases });
}

/** Whether only products with weights read a value, so that a gain and a bias can go into those. */
function isTakenUp(lowering: FloatLowering, output: string): boolean {
  const consumers = lowering.consumersOf(output);
  return (
    consumers.length > 0 &&
    consumers.every(({ operator, inputs: [a, b = ''], attributes }) => {
      const product = operator === 'MatMul' || (operator === 'Gemm' && !attributes.get('transA'));
      return product && a === output && lowering.weight(b)?.dims.length === 2;
    })
  );
}

/** What a value ranged over before gains and biases, from what it ranged over after. */
function before({ dims, channels }: Observation, gains: readonly number[], biases: readonly number[]): Observation {
  const ends = (bounds: readonly number[]) =>
    bounds.map((bound, at) => (gains[at] === 0 ? 0 : (bound - (biases[at] as number)) / (gains[at] as number)));
  const [first, second] = [ends(channels.lo), ends(channels.hi)];
  const lo = first.map((end, at) => Math.min(end, second[at] as number));
  const hi = first.map((end, at) => Math.max(end, second[at] as number));
  const [least, most] = [Math.min(...lo), Math.max(...hi)];
  return { dims, lo: least, hi: most, channels: { lo, hi }, rowMean: Math.max(-least, most) };
}

function weightOf(lowering: FloatLowering, name: string): number[] {
  const tensor =
    lowering.weight(name) ?? lowering.refuse('NotConstant', 'has computed parameters. Export for inference.');
  return Array.from(tensor.data as ArrayLike<number>, Number);
}

/** At inference a multiplication and an addition per channel. */
const batchNormalization: Recipe = (lowering, node) => {
  const [value = '', ...names] = node.inputs;
  const [gain, bias, mu, variance] = names.map((name) => weightOf(lowering, name)) as [
    number[],
    number[],
    number[],
    number[],
  ];
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
  ReduceMean: reduction(byCount),
  ReduceSum: reduceSum,
  GlobalAveragePool: globalAveragePool,
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
};
