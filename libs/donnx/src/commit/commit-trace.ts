import type { Trace } from '../model/execute.js';
import type { Hash } from './hash.js';
import { MerkleTree } from './merkle-tree.js';
import { tensorTree } from './tensor-tree.js';

/** A trace and the trees over it: one per tensor, and one over their roots in the order of the steps. */
export interface CommittedTrace {
  readonly trace: Trace;
  readonly trees: readonly MerkleTree[];
  readonly tree: MerkleTree;
  readonly root: Hash;
}

export function commitTrace(trace: Trace): CommittedTrace {
  const trees = trace.map(tensorTree);
  const tree = new MerkleTree(trees.map(({ root }) => root));
  return { trace, trees, tree, root: tree.root };
}
