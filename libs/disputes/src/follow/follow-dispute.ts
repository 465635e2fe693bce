import {
  advance,
  fromHex,
  MerkleTree,
  openDispute,
  type CommittedModel,
  type DisputeState,
  type Hash,
  type Move,
  type PickMove,
} from '@openimo/donnx';
import type { DisputeRecord, Ply } from './dispute-record.js';
import type { Picked } from './game-event.js';

/** A dispute as the players of `@openimo/donnx` see it. */
export interface FollowedDispute {
  readonly state: DisputeState;
  /** Those that events tell of. What only the chain needs, the proofs that a trace is of its input and output, is left out. */
  readonly moves: readonly Move[];
}

/**
 * The state that the moves of a dispute have led to. The game announces moves that it has checked, so their proofs are not looked
 * at again; a conviction is told by `record.outcome` alone.
 *
 * @param roots of the disputed claim's input and output
 */
export function followDispute(
  model: CommittedModel,
  roots: { readonly input: Hash; readonly output: Hash },
  { trace, plies }: Pick<DisputeRecord, 'trace' | 'plies'>,
): FollowedDispute {
  const moves: Move[] = [];
  let state = openDispute(roots.input, roots.output);
  if (trace !== undefined) {
    const children = trace.children.map(fromHex);
    take({ kind: 'postTrace', traceRoot: fromHex(trace.root), inputPath: [], outputPath: [], children });
  }
  for (const ply of plies) take(moveOf(model, state, moves, ply));
  return { state, moves };

  function take(move: Move): void {
    state = advance(model.commitment, state, move);
    moves.push(move);
  }
}

function moveOf(model: CommittedModel, state: DisputeState, moves: readonly Move[], ply: Ply): Move {
  switch (ply.name) {
    case 'Picked':
      return pickOf(model, state, moves, ply);
    case 'Revealed':
      return { kind: 'reveal', children: ply.children.map(fromHex) };
    case 'ChunkRevealed':
      return { kind: 'revealChunk', chunk: fromHex(ply.chunk) };
  }
}

function pickOf(model: CommittedModel, state: DisputeState, moves: readonly Move[], ply: Picked): PickMove {
  const last = moves.at(-1);
  const children = last !== undefined && 'children' in last ? last.children : [];
  const { index, node: id } = ply;
  const pick: PickMove = { kind: 'pick', child: fromHex(ply.child), index, path: new MerkleTree(children).path(index) };
  if (id === 0 || state.node !== undefined) return pick;
  return { ...pick, node: { descriptor: model.descriptors[id]!, path: model.graphTree.path(id) } };
}
