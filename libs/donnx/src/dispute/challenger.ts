import { datatypeBytes } from '@openimo/domain';
import type { CommittedModel } from '../commit/commit-model.js';
import type { CommittedTrace } from '../commit/commit-trace.js';
import { equalBytes, type Hash } from '../commit/hash.js';
import { MerkleTree } from '../commit/merkle-tree.js';
import { chunkAt, chunkCount } from '../commit/tensor-tree.js';
import type { ChallengerMove, Move, NodeProof, Pick, ProveDirect } from './moves.js';
import { RevealedTree } from './revealed-tree.js';
import { advance, revealedLevels, type DisputeState } from './advance.js';
import { openDispute } from './rules.js';
import { elementProof } from './witness.js';

/**
 * The challenger's next move with its own, honest trace. A pure function of the state and the moves so far, which are all
 * on-chain, so a restarted watcher continues where it was. Undefined when it is not the challenger's turn, or when nothing
 * differs: then the operator is right, and there is no move to make.
 */
export function challengerMove(
  model: CommittedModel,
  state: DisputeState,
  moves: readonly Move[],
  own: CommittedTrace,
): ChallengerMove | undefined {
  const last = moves.at(-1);
  if (state.phase === 'AwaitPick' && last !== undefined && 'children' in last) {
    return pickDifference(model, state, last.children, own);
  }
  if (state.phase === 'AwaitProof' && last?.kind === 'revealChunk') {
    return proveChunk(model, state, moves, last.chunk, own);
  }
  return undefined;
}

function pickDifference(
  model: CommittedModel,
  state: DisputeState,
  children: readonly Hash[],
  own: CommittedTrace,
): Pick | undefined {
  const tree = state.node === undefined ? own.tree : own.trees[state.node.id]!;
  const expected = tree.descendants(state.level, state.position, revealedLevels(state));
  const index = children.findIndex((child, at) => !equalBytes(child, expected[at] as Hash));
  if (index < 0) return undefined;
  const path = new MerkleTree(children).path(index);
  const move: Pick = { kind: 'pick', child: children[index] as Hash, index, path };
  const id = state.position * children.length + index;
  const reached = state.node === undefined && state.level === revealedLevels(state) && id < model.commitment.nodeCount;
  return reached ? { ...move, node: nodeProof(model, id) } : move;
}

function proveChunk(
  model: CommittedModel,
  state: DisputeState,
  moves: readonly Move[],
  chunk: Uint8Array,
  own: CommittedTrace,
): ChallengerMove | undefined {
  const { id, descriptor } = state.node as NonNullable<DisputeState['node']>;
  const element = firstDifference(chunk, chunkAt(own.trace[id]!, state.position), datatypeBytes(descriptor.datatype));
  if (element === undefined) return undefined;
  const tree = revealedTree(model, state, moves, own);
  const outer = (step: number) => tree.path(step);
  return { kind: 'prove', proof: elementProof(model, own, id, chunk, state.position, element, outer) };
}

/** What the moves so far reveal of the tree over the operator's trace. */
function revealedTree(
  model: CommittedModel,
  state: DisputeState,
  moves: readonly Move[],
  own: CommittedTrace,
): RevealedTree {
  const tree = new RevealedTree(own.tree);
  let replayed = openDispute(state.inputRoot, state.outputRoot);
  for (const move of moves) {
    const before = replayed;
    replayed = advance(model.commitment, replayed, move);
    if (!('children' in move) || replayed.node !== undefined) continue;
    const { level, position } = before.phase === 'AwaitTrace' ? replayed : before;
    tree.add(level - revealedLevels({ level }), position, move.children);
  }
  return tree;
}

/** The whole case in one move, where the operator's trace is known. Undefined when the traces agree. */
export function directProof(
  model: CommittedModel,
  operator: CommittedTrace,
  own: CommittedTrace,
): ProveDirect | undefined {
  const id = own.trees.findIndex(({ root }, at) => !equalBytes(root, operator.trees[at]!.root));
  if (id < 0) return undefined;
  const [ours, theirs] = [own.trace[id]!, operator.trace[id]!];
  const count = chunkCount(ours.length);
  for (let chunkIndex = 0; chunkIndex < count; chunkIndex++) {
    const chunk = chunkAt(theirs, chunkIndex);
    const size = datatypeBytes(model.graph.steps[id]!.datatype);
    const element = firstDifference(chunk, chunkAt(ours, chunkIndex), size);
    if (element === undefined) continue;
    return {
      kind: 'proveDirect',
      nodeId: id,
      chunkIndex,
      path: [...operator.trees[id]!.path(chunkIndex), ...operator.tree.path(id)],
      node: nodeProof(model, id),
      proof: elementProof(model, own, id, chunk, chunkIndex, element, (step) => operator.tree.path(step)),
    };
  }
  return undefined;
}

function nodeProof({ descriptors, graphTree }: CommittedModel, id: number): NodeProof {
  return { descriptor: descriptors[id]!, path: graphTree.path(id) };
}

/** The first element of `size` bytes in which two chunks differ. */
function firstDifference(a: Uint8Array, b: Uint8Array, size: number): number | undefined {
  const byte = a.findIndex((value, at) => value !== b[at]);
  return byte < 0 ? undefined : Math.floor(byte / size);
}
