import type { Hex } from '@openimo/domain';
import type { CommittedModel } from '../commit/commit-model.js';
import { fromHex, sha256 } from '../commit/hash.js';
import { execute, outputOf } from '../model/execute.js';
import { hashOfOutput } from './conformance.js';

const HASH_BYTES = 32;

/**
 * An input that follows from the file's hash alone: sha256(hash ‖ 0), sha256(hash ‖ 1), … as far as the model reads. Models of
 * the profile take any bytes.
 */
export function goldenInput(fileHash: Hex, inputBytes: number): Uint8Array {
  const input = new Uint8Array(inputBytes);
  const seed = new Uint8Array(HASH_BYTES + 4);
  seed.set(fromHex(fileHash));
  for (let block = 0; block * HASH_BYTES < inputBytes; block++) {
    new DataView(seed.buffer).setUint32(HASH_BYTES, block);
    input.set(sha256(seed).subarray(0, inputBytes - block * HASH_BYTES), block * HASH_BYTES);
  }
  return input;
}

/** sha256 of what the executor answers to the golden input: a runtime that answers otherwise must not serve the model. */
export function goldenHash({ graph, commitment }: CommittedModel, fileHash: Hex): Hex {
  return hashOfOutput(outputOf(graph, execute(graph, goldenInput(fileHash, commitment.inputBytes))));
}
