import { isDomainError } from '@openimo/domain';
import type { CommittedModel } from '../commit/commit-model.js';
import type { CommittedTrace } from '../commit/commit-trace.js';
import type { Hash } from '../commit/hash.js';
import type { DisputeState } from './advance.js';
import { challengerMove } from './challenger.js';
import type { Move } from './moves.js';
import { operatorMove } from './operator.js';
import { applyMove, openDispute, turnOf } from './rules.js';

/** A dispute off-chain. */
export interface PlayedDispute {
  readonly state: DisputeState;
  readonly moves: readonly Move[];
  readonly loser: 'operator' | 'challenger';
}

/** Plays a dispute to its end; who has no move that the rules accept lets the clock run out. */
export function playDispute(
  model: CommittedModel,
  roots: { readonly input: Hash; readonly output: Hash },
  operator: CommittedTrace,
  challenger: CommittedTrace,
): PlayedDispute {
  let state = openDispute(roots.input, roots.output);
  const moves: Move[] = [];
  for (;;) {
    const turn = turnOf(state);
    if (turn === undefined) return { state, moves, loser: 'operator' };
    const move =
      turn === 'operator'
        ? operatorMove(model.commitment, state, operator)
        : challengerMove(model, state, moves, challenger);
    const next = move && tryMove(model, state, move);
    if (move === undefined || next === undefined) return { state, moves, loser: turn };
    state = next;
    moves.push(move);
  }
}

function tryMove(model: CommittedModel, state: DisputeState, move: Move): DisputeState | undefined {
  try {
    return applyMove(model.commitment, state, move);
  } catch (error) {
    if (isDomainError(error)) return undefined;
    throw error;
  }
}
