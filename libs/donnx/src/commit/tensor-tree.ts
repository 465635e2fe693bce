import { hashLeaf, type Hash } from './hash.js';
import { heightFor, MerkleTree } from './merkle-tree.js';

export const CHUNK_BYTES = 256;

/** Chunks that `bytes` bytes are cut into; no bytes at all are one chunk of no bytes. */
export function chunkCount(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}

/** Height of the tree over a tensor of `bytes` bytes. */
export function tensorHeight(bytes: number): number {
  return heightFor(chunkCount(bytes));
}

export function chunkAt(bytes: Uint8Array, chunk: number): Uint8Array {
  return bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
}

/** The leaves of `bytes`, of which there is at least one. */
export function chunkLeaves(bytes: Uint8Array): Hash[] {
  return Array.from({ length: chunkCount(bytes.length) }, (_, chunk) => hashLeaf(chunkAt(bytes, chunk)));
}

/** The tree over a tensor's canonical bytes. */
export function tensorTree(bytes: Uint8Array): MerkleTree {
  return new MerkleTree(chunkLeaves(bytes));
}
