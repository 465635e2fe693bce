import type { Hex, TensorSpec } from '@openimo/domain';
import { sha256, toHex } from '../commit/hash.js';
import { compileModel } from '../model/compile-model.js';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import { MOVEMENT_VECTORS } from './movement-vectors.js';
import { NUMBER_VECTORS } from './number-vectors.js';
import { OUTPUT_HASHES } from './output-hashes.js';
import { PRODUCT_VECTORS } from './product-vectors.js';

/** A small model with a fixed input, and what the specification makes of it. */
export interface ConformanceVector {
  /** `MatMulInteger: one row, weights in [-64, 63]` */
  readonly name: string;
  /** The operator that it is about, by its ONNX name. */
  readonly operator: string;
  /** The ONNX file. */
  readonly model: Uint8Array;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Canonical bytes of the inputs, one after another. */
  readonly input: Uint8Array;
  /** sha256 of the outputs' canonical bytes, one after another, as the executor gives them. */
  readonly outputHash: Hex;
}

/** Canonical bytes of all outputs, one after another, as some runtime gives them. */
export type RunVector = (vector: ConformanceVector) => Promise<Uint8Array>;

export interface Disagreement {
  readonly vector: ConformanceVector;
  /** Why the runtime gave no answer at all. */
  readonly error?: unknown;
}

let made: readonly ConformanceVector[] | undefined;

/** Graphs for every operator of the profile: a runtime that gives these hashes computes as the specification does. */
export function conformanceVectors(): readonly ConformanceVector[] {
  return (made ??= [...PRODUCT_VECTORS, ...NUMBER_VECTORS, ...MOVEMENT_VECTORS].map(
    ({ operator, about, graph, input }): ConformanceVector => {
      const name = `${operator}: ${about}`;
      const { inputs, outputs } = compileModel(graph);
      const model = encodeOnnx(graph, { outputs });
      return { name, operator, model, inputs, outputs, input, outputHash: OUTPUT_HASHES[name] ?? '0x' };
    },
  ));
}

/**
 * The vectors that a runtime gets wrong, or fails on.
 *
 * @example
 * const wrong = await disagreements(({ model, inputs, input }) => runInOnnxruntime(model, inputs, input));
 */
export async function disagreements(
  run: RunVector,
  vectors: readonly ConformanceVector[] = conformanceVectors(),
): Promise<Disagreement[]> {
  const found: Disagreement[] = [];
  for (const vector of vectors) {
    try {
      if (hashOfOutput(await run(vector)) !== vector.outputHash) found.push({ vector });
    } catch (error) {
      found.push({ vector, error });
    }
  }
  return found;
}

/** sha256, as vectors state it. */
export function hashOfOutput(output: Uint8Array): Hex {
  return toHex(sha256(output));
}
