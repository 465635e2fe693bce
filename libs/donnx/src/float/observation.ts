import type { TensorSpec } from '@openimo/domain';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import type { PlainGraph } from '../onnx/plain-graph.js';
import { centreStreams } from './centre-streams.js';

/** What a float value was over the calibration data. */
export interface Observation {
  readonly dims: readonly number[];
  readonly lo: number;
  readonly hi: number;
  /** The same per position of the last axis. */
  readonly channels: { readonly lo: readonly number[]; readonly hi: readonly number[] };
  /** The largest mean of a row, whatever its sign; rows are along the last axis. */
  readonly rowMean: number;
}

/**
 * The float model, its residual streams centred as they will be lowered, with every value as an output, to be run over calibration data by whoever has a runtime. The types of
 * the further outputs are left to it.
 */
export function observableModel(graph: PlainGraph): { readonly file: Uint8Array; readonly values: readonly string[] } {
  const values = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
  const outputs = values.map((name): Pick<TensorSpec, 'name'> => ({ name }));
  return { file: encodeOnnx(centreStreams(graph), { outputs }), values };
}

/** Widens the observations by one run. */
export function observe(
  observations: Map<string, Observation>,
  name: string,
  dims: readonly number[],
  data: ArrayLike<number>,
): void {
  const width = dims.at(-1) ?? 1;
  const known = observations.get(name);
  const lo = known ? [...known.channels.lo] : new Array<number>(width).fill(Infinity);
  const hi = known ? [...known.channels.hi] : new Array<number>(width).fill(-Infinity);
  let [rowMean, sum] = [known?.rowMean ?? 0, 0];
  for (let at = 0; at < data.length; at++) {
    const value = data[at] as number;
    const channel = at % width;
    if (value < (lo[channel] as number)) lo[channel] = value;
    if (value > (hi[channel] as number)) hi[channel] = value;
    sum = channel === 0 ? value : sum + value;
    if (channel === width - 1) rowMean = Math.max(rowMean, Math.abs(sum / width));
  }
  const least = lo.reduce((so, value) => Math.min(so, value), Infinity);
  const most = hi.reduce((so, value) => Math.max(so, value), -Infinity);
  observations.set(name, { dims, lo: least, hi: most, channels: { lo, hi }, rowMean });
}
