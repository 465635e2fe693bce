import { refuse } from '../error/refuse.js';
import { hashNode, ZERO_HASH, type Hash } from './hash.js';

/** Height of a tree that holds `leaves` leaves: the least h with 2^h ≥ leaves. */
export function heightFor(leaves: number): number {
  let height = 0;
  while (2 ** height < leaves) height++;
  return height;
}

/**
 * A binary Merkle tree over at least one leaf, padded with zero words to a power of two; a node over padding is hashed like
 * any other. Level 0 holds the leaves. The same tree as TensorRoot.sol.
 */
export class MerkleTree {
  readonly height: number;
  private readonly levels: Hash[][];
  /** The node over nothing but padding, per level. */
  private readonly padding: Hash[] = [ZERO_HASH];

  constructor(leaves: readonly Hash[]) {
    if (leaves.length === 0) refuse('ModelMalformed', 'A tree needs a leaf.');
    this.height = heightFor(leaves.length);
    this.levels = [[...leaves]];
    for (let level = 0; level < this.height; level++) {
      const below = this.levels[level] as Hash[];
      const padding = this.padding[level] as Hash;
      const above: Hash[] = [];
      for (let at = 0; at < below.length; at += 2) above.push(hashNode(below[at] as Hash, below[at + 1] ?? padding));
      this.levels.push(above);
      this.padding.push(hashNode(padding, padding));
    }
  }

  get root(): Hash {
    return this.node(this.height, 0);
  }

  node(level: number, index: number): Hash {
    return this.levels[level]?.[index] ?? (this.padding[level] as Hash);
  }

  /** The nodes `down` levels below a node, from left to right. */
  descendants(level: number, index: number, down: number): Hash[] {
    return Array.from({ length: 2 ** down }, (_, at) => this.node(level - down, index * 2 ** down + at));
  }

  /** The siblings on the way from a leaf to the root, from the bottom. */
  path(leaf: number): Hash[] {
    return this.rangeProof(leaf, leaf);
  }

  /** The siblings that the leaves `first` to `last` need: per level from the bottom, the left one, then the right one. */
  rangeProof(first: number, last: number): Hash[] {
    return rangeProofOf((level, index) => this.node(level, index), this.height, first, last);
  }
}

export function rangeProofOf(
  node: (level: number, index: number) => Hash,
  height: number,
  first: number,
  last: number,
): Hash[] {
  const siblings: Hash[] = [];
  let [left, right] = [first, last];
  for (let level = 0; level < height; level++) {
    if (left % 2 === 1) siblings.push(node(level, left - 1));
    if (right % 2 === 0) siblings.push(node(level, right + 1));
    left = Math.floor(left / 2);
    right = Math.floor(right / 2);
  }
  return siblings;
}

/** The root that `leaves`, which begin at leaf `first`, and `siblings` make; refuses proofs of another size. */
export function rootOfRange(leaves: readonly Hash[], first: number, height: number, siblings: readonly Hash[]): Hash {
  let nodes = [...leaves];
  let left = first;
  let used = 0;
  const next = () => siblings[used++] ?? refuse('ProofInvalid', 'A Merkle proof is too short.');
  if (first < 0 || leaves.length === 0 || first + leaves.length > 2 ** height) {
    refuse('ProofInvalid', 'A Merkle proof is of leaves outside of its tree.');
  }
  for (let level = 0; level < height; level++) {
    if (left % 2 === 1) nodes.unshift(next());
    if ((Math.floor(left / 2) * 2 + nodes.length) % 2 === 1) nodes.push(next());
    nodes = Array.from({ length: nodes.length / 2 }, (_, at) =>
      hashNode(nodes[2 * at] as Hash, nodes[2 * at + 1] as Hash),
    );
    left = Math.floor(left / 2);
  }
  if (used !== siblings.length) refuse('ProofInvalid', 'A Merkle proof is too long.');
  return nodes[0] as Hash;
}
