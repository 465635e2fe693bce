import { hashNode, type Hash } from '../commit/hash.js';
import { rangeProofOf, type MerkleTree } from '../commit/merkle-tree.js';

/**
 * The operator's tree over its trace, as far as a challenger knows it: what was revealed, and otherwise the challenger's
 * own. The two agree on everything before the first difference, and everything beside the way to it was revealed; so paths
 * of leaves before that difference are those of the operator's tree.
 */
export class RevealedTree {
  private readonly revealed = new Map<string, Hash>();

  constructor(private readonly own: MerkleTree) {}

  /** Adds the nodes at `level` below the subtree at `position`, and all that follow from them. */
  add(level: number, position: number, children: readonly Hash[]): void {
    let nodes = [...children];
    for (let at = level; ; at++) {
      const first = position * nodes.length;
      nodes.forEach((hash, index) => this.revealed.set(`${at}/${first + index}`, hash));
      if (nodes.length === 1) return;
      nodes = Array.from({ length: nodes.length / 2 }, (_, index) =>
        hashNode(nodes[2 * index]!, nodes[2 * index + 1]!),
      );
    }
  }

  path(leaf: number): Hash[] {
    const node = (level: number, index: number) =>
      this.revealed.get(`${level}/${index}`) ?? this.own.node(level, index);
    return rangeProofOf(node, this.own.height, leaf, leaf);
  }
}
