import type { Trace } from '../model/execute.js';
import type { Hash } from './hash.js';
import { MerkleTree } from './merkle-tree.js';
import { tensorTree } from './tensor-tree.js';

/** A trace and the trees over it: one per tensor, and one over their roots in the order of the steps. */
export class CommittedTrace {
  readonly trees: readonly MerkleTree[];
  readonly tree: MerkleTree;

  constructor(readonly trace: Trace) {
    this.trees = trace.map(tensorTree);
    this.tree = new MerkleTree(this.trees.map(({ root }) => root));
  }

  get root(): Hash {
    return this.tree.root;
  }
}
