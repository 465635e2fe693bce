import { isDomainError, type TensorSpec } from '@openimo/domain';
import { compileModel, type CheckedGraph } from '../model/compile-model.js';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import { importOnnx } from '../onnx/import-onnx.js';
import type { PlainGraph } from '../onnx/plain-graph.js';
import { decodeGraph, type DecodeGraph } from './decode-graph.js';
import { proveCausal } from './prove-causal.js';

/** A text model that writes a position at a time, with the same bytes as the whole graph. */
export interface CachedDecoding extends Pick<DecodeGraph, 'caches'> {
  /** The ONNX file of the decode graph. */
  readonly file: Uint8Array;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly context: number;
  /** Name of the output that holds the next byte. */
  readonly next: string;
}

/**
 * How a text model may be decoded with caches; undefined where nobody can prove that it writes the same then. That holds for
 * texts without a byte 0 in them.
 */
export function cachedDecoding(file: Uint8Array): CachedDecoding | undefined {
  try {
    const whole = importOnnx(file);
    const compiled = compileModel(whole);
    for (const last of endsOfText(whole, compiled)) {
      const found = decodingOf(whole, last, compiled);
      if (found) return found;
    }
  } catch (error) {
    if (!isDomainError(error)) throw error;
  }
  return undefined;
}

function decodingOf(whole: PlainGraph, last: string, compiled: CheckedGraph): CachedDecoding | undefined {
  try {
    proveCausal(whole, last, compiled);
    const { graph, caches } = decodeGraph(whole, last, (name) => compiled.values.get(name));
    // What the caches hold is anything: the ranges are proven once more.
    const { inputs, outputs } = compileModel(graph);
    const context = whole.inputs[0]?.shape[0] as number;
    return { file: encodeOnnx(graph, { outputs }), inputs, outputs, caches, context, next: whole.outputs[0] as string };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return undefined;
  }
}

/** Values that may say where the text ends: by them a row is picked. */
function endsOfText({ nodes, initializers }: PlainGraph, { values }: CheckedGraph): ReadonlySet<string> {
  const picks = nodes.filter(({ operator, inputs: [from = ''] }) => operator === 'Gather' && !initializers.has(from));
  const indices = picks.map(({ inputs: [, index = ''] }) => index);
  return new Set(
    indices.filter((name) => values.get(name)?.datatype === 'INT32' && values.get(name)?.dims.join() === '1'),
  );
}
