import type { Tensor } from '../tensor/tensor.js';
import type { FloatLowering } from './float-lowering.js';

const BIAS_MAX = 2 ** 30;
const WEIGHT_MAX = 63;

export interface Channels {
  readonly integers: readonly number[];
  /** One per output channel. */
  readonly scales: readonly number[];
}

/** Weights as integers up to `most`, with a scale per channel; `channelOf` says whose channel an element is. */
export function quantiseWeights(
  values: readonly number[],
  channels: number,
  most: number,
  channelOf: (at: number) => number,
): Channels {
  const largest = new Array<number>(channels).fill(0);
  values.forEach((value, at) => (largest[channelOf(at)] = Math.max(largest[channelOf(at)] as number, Math.abs(value))));
  const scales = largest.map((size) => Math.fround(size / most || 1));
  const integers = values.map((value, at) => Math.round(value / (scales[channelOf(at)] as number)));
  return { integers, scales };
}

/**
 * The s7 columns of W [K, N] for x · W, with what x's folded gains and biases make of them; `offsets` is what is added to
 * the product for the latter.
 */
export function columnsOf(
  lowering: FloatLowering,
  x: string,
  weight: Tensor,
): Channels & { readonly offsets: readonly number[] | undefined } {
  const n = weight.dims[1] as number;
  const weights = numbersOf(weight);
  const folded = lowering.folded.get(x);
  if (!folded) return { ...quantiseWeights(weights, n, WEIGHT_MAX, (at) => at % n), offsets: undefined };
  const taken = weights.map((value, at) => value * (folded.gains[Math.floor(at / n)] as number));
  const offsets = Array.from({ length: n }, (_, column) => dotColumn(folded.biases, weights, column, n));
  return { ...quantiseWeights(taken, n, WEIGHT_MAX, (at) => at % n), offsets };
}

/** A bias in INT32, counted in what one of the sums is worth. */
export function biasInUnits(bias: readonly number[], units: readonly number[]): number[] {
  return bias.map((value, at) => clamp(Math.round(value / (units[at] as number))));
}

function clamp(value: number): number {
  return Math.max(-BIAS_MAX, Math.min(BIAS_MAX, value));
}

export function numbersOf({ data }: Tensor): number[] {
  return Array.from(data as ArrayLike<number>, Number);
}

function dotColumn(vector: readonly number[], matrix: readonly number[], column: number, columns: number): number {
  return vector.reduce((sum, value, row) => sum + value * (matrix[row * columns + column] as number), 0);
}

/** The sum of the vectors that there are. */
export function sumOf(vectors: readonly (readonly number[] | undefined)[]): readonly number[] | undefined {
  const present = vectors.filter((vector) => vector !== undefined);
  return present[0]?.map((_, at) => present.reduce((sum, vector) => sum + (vector[at] as number), 0));
}
