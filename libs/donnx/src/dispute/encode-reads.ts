import type { ProvenRead } from './moves.js';

/**
 * A proof's reads as StepVerifier.sol takes them (SPEC.md, section 6): per read the number of bytes (2 bytes, big-endian), the
 * number of siblings (1 byte), the bytes, the siblings, and the siblings in the outer tree, as many as it is high.
 */
export function encodeReads(reads: readonly ProvenRead[]): Uint8Array {
  const parts = reads.flatMap(({ data, siblings, outer }) => [
    Uint8Array.of(data.length >> 8, data.length & 255, siblings.length),
    data,
    ...siblings,
    ...outer,
  ]);
  const encoded = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    encoded.set(part, at);
    at += part.length;
  }
  return encoded;
}
