import type { ModelCommitment } from '../commit/commit-model.js';
import type { CommittedTrace } from '../commit/commit-trace.js';
import { chunkAt } from '../commit/tensor-tree.js';
import { revealedLevels, type DisputeState } from './advance.js';
import type { OperatorMove } from './moves.js';

/** The operator's next move with his trace; undefined when it is not his turn. A pure function of both. */
export function operatorMove(
  { nodesHeight, outNode }: ModelCommitment,
  state: DisputeState,
  { root, tree, trees, trace }: CommittedTrace,
): OperatorMove | undefined {
  const { level, position, node } = state;
  switch (state.phase) {
    case 'AwaitTrace':
      return {
        kind: 'postTrace',
        traceRoot: root,
        inputPath: tree.path(0),
        outputPath: tree.path(outNode),
        children: tree.descendants(nodesHeight, 0, revealedLevels({ level: nodesHeight })),
      };
    case 'AwaitReveal': {
      const revealed = node === undefined ? tree : trees[node.id]!;
      return { kind: 'reveal', children: revealed.descendants(level, position, revealedLevels(state)) };
    }
    case 'AwaitChunk':
      return { kind: 'revealChunk', chunk: chunkAt(trace[node!.id]!, position) };
    default:
      return undefined;
  }
}
