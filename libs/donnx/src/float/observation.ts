import type { TensorSpec } from '@openimo/domain';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import type { PlainGraph } from '../onnx/plain-graph.js';

/** What a float value was over the calibration data. */
export interface Observation {
  readonly dims: readonly number[];
  readonly lo: number;
  readonly hi: number;
}

/**
 * The float model with every value as an output, to be run over calibration data by whoever has a runtime. The types of
 * the further outputs are left to it.
 */
export function observableModel(graph: PlainGraph): { readonly file: Uint8Array; readonly values: readonly string[] } {
  const values = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
  const outputs = values.map((name): Pick<TensorSpec, 'name'> => ({ name }));
  return { file: encodeOnnx(graph, { outputs }), values };
}

/** Widens the observations by one run. */
export function observe(
  observations: Map<string, Observation>,
  name: string,
  dims: readonly number[],
  data: ArrayLike<number>,
): void {
  let { lo, hi } = observations.get(name) ?? { lo: Infinity, hi: -Infinity };
  for (let at = 0; at < data.length; at++) {
    const value = data[at] as number;
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  observations.set(name, { dims, lo, hi });
}
