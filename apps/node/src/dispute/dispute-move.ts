import { type DisputeRecord, type Side, turnOf } from '@openimo/disputes';
import type { Address } from '@openimo/domain';
import type { Hex } from 'viem';

/** What the chain says about an answer before it is disputed, read in one block. Times everywhere in seconds of chain time. */
export interface AnswerFacts {
  /** Answers of the request that were convicted. */
  readonly round: number;
  /** The answer that stands; undefined where none does. */
  readonly standing?: { readonly operator: Address; readonly outputRoot: Hex; readonly finalAt: number };
}

export type OpeningMove =
  | { readonly do: 'challenge' }
  /** There is nothing to dispute (any more). */
  | { readonly do: 'drop'; readonly reason: string };

/** Whether an answer that we found wrong can be disputed now. */
export function openingMove(
  grievance: { readonly round: number; readonly outputRoot: Hex },
  { round, standing }: AnswerFacts,
  me: Address,
  now: number,
): OpeningMove {
  if (round > grievance.round) return { do: 'drop', reason: 'the answer was convicted already' };
  if (standing === undefined) return { do: 'drop', reason: 'no answer stands' };
  if (standing.outputRoot.toLowerCase() !== grievance.outputRoot.toLowerCase()) {
    return { do: 'drop', reason: 'another answer stands' };
  }
  if (standing.operator.toLowerCase() === me.toLowerCase()) return { do: 'drop', reason: 'the answer is our own' };
  if (now >= standing.finalAt) return { do: 'drop', reason: 'the dispute window is over' };
  return { do: 'challenge' };
}

export interface DisputeFacts {
  readonly record: DisputeRecord;
  readonly side: Side;
  /** Wei that the game owes us for it and we can withdraw. */
  readonly due: bigint;
  /** There is nothing that we could say: the other side is right. */
  readonly speechless: boolean;
}

export type DisputeMove =
  | { readonly do: 'wait'; readonly until: number; readonly why: 'their turn' | 'nothing to say' | 'out of time' }
  | { readonly do: 'move'; readonly deadline: number }
  | { readonly do: 'timeout' }
  | { readonly do: 'withdraw' }
  | { readonly do: 'end'; readonly won: boolean };

/** How soon a dispute that only others can move on is looked at again, should no event wake us. */
const LOOK_SECONDS = 30;

/** What to do next in a dispute. It never does what the contract would refuse on the same facts. */
export function nextDisputeMove({ record, side, due, speechless }: DisputeFacts, now: number): DisputeMove {
  const { outcome } = record;
  if (outcome !== undefined) {
    if (due > 0n) return { do: 'withdraw' };
    return { do: 'end', won: side === 'challenger' ? outcome !== 'challengerLost' : outcome === 'challengerLost' };
  }
  const turn = turnOf(record)!;
  if (turn.side !== side) {
    if (now > turn.deadline) return { do: 'timeout' };
    return { do: 'wait', until: Math.min(turn.deadline + 1, now + LOOK_SECONDS), why: 'their turn' };
  }
  if (now > turn.deadline) return { do: 'wait', until: now + LOOK_SECONDS, why: 'out of time' };
  if (speechless) return { do: 'wait', until: Math.min(turn.deadline + 1, now + LOOK_SECONDS), why: 'nothing to say' };
  return { do: 'move', deadline: turn.deadline };
}
