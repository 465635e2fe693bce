import { importOnnx } from '../onnx/import-onnx.js';
import type { PlainGraph } from '../onnx/plain-graph.js';
import { analyseRanges } from '../range/analyse-ranges.js';
import type { Interval } from '../range/interval.js';
import { lowerGraph } from './lower-graph.js';
import type { StepGraph } from './step-graph.js';

export interface CheckedGraph extends StepGraph {
  /** What is proven of every step's elements, for every input. */
  readonly ranges: readonly Interval[];
}

/**
 * Brings a model into the profile or refuses it, naming the node and the remedy. Pure: no model is run.
 *
 * @example
 * const graph = compileModel(readFileSync('digits.onnx'));
 * const trace = execute(graph, pixels);
 */
export function compileModel(model: Uint8Array | PlainGraph): CheckedGraph {
  const graph = lowerGraph(model instanceof Uint8Array ? importOnnx(model) : model);
  return { ...graph, ranges: analyseRanges(graph) };
}
