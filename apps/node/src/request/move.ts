import type { Address } from '@openimo/domain';

/** What the node has written down about a request. Times everywhere in seconds of chain time. */
export interface JobFacts {
  /** The output bytes are persisted. */
  readonly answered: boolean;
  /** An answer of ours was proven wrong. We do not answer this request again. */
  readonly convicted: boolean;
  /** Why our runner cannot answer it at all; undefined while it can. */
  readonly refused?: string;
}

/** What the chain says about a request, read in one block. */
export interface RequestFacts {
  readonly status: 'None' | 'Open' | 'Asserted' | 'Final' | 'Refunded';
  /** When it was asked, or reopened after a wrong answer. */
  readonly openSince: number;
  /** From then on whoever was drawn has no precedence any more. */
  readonly openToAllAt: number;
  /** The last second in which it may be answered. */
  readonly deadline: number;
  readonly hasCallback: boolean;
  /** The client wants the callback at the assertion already. */
  readonly optimistic: boolean;
  /** Answers so far, those proven wrong included. */
  readonly round: number;
  readonly assertion?: {
    readonly operator: Address;
    readonly finalAt: number;
    readonly delivered: boolean;
    readonly callbackFailed: boolean;
  };
  /** The answer is final, but its fee could not be moved: the ERC-20 refused. */
  readonly feeHeld: boolean;
  /** A dispute about the answer is undecided: until then it cannot become final. */
  readonly disputed: boolean;
  /** Undefined until the chain can draw. */
  readonly draw?: {
    /** Who may answer alone before `openToAllAt`; undefined where anyone enrolled may. */
    readonly operator?: Address;
  };
  /** Our place among the operators that may answer after the drawn one, and that may trigger a refund; 0 is first. */
  readonly place: number;
  readonly enrolled: boolean;
  /** Bond of an answer now, and the stake that can cover it; wei. */
  readonly bond: bigint;
  readonly freeStake: bigint;
}

export type WaitReason =
  | 'draw'
  | 'exclusive window of the drawn operator'
  | 'turn'
  | 'free stake'
  | 'enrolment'
  | 'another operator'
  | 'cannot answer'
  | 'dispute window'
  | 'dispute'
  | 'turn to refund';

export type Outcome =
  /** Our answer is final and, where there is a callback, delivered. */
  | 'collected'
  /** Another operator's answer is final. */
  | 'passed'
  | 'refunded'
  /** The chain does not know the request (any more). */
  | 'vanished';

export type Move =
  | { readonly do: 'wait'; readonly until: number; readonly why: WaitReason }
  | { readonly do: 'run' }
  | { readonly do: 'assert'; readonly round: number }
  | { readonly do: 'deliver'; readonly round: number }
  | { readonly do: 'finalize'; readonly deliver: boolean; readonly round: number }
  | { readonly do: 'refund' }
  /** `again`: when to try again, should the ERC-20 refuse still. */
  | { readonly do: 'distribute'; readonly again: number }
  | { readonly do: 'end'; readonly outcome: Outcome };

/** Operators that are not drawn answer one after another instead of racing; each waits this long for the one before. */
export const TURN_SECONDS = 2;
/** How soon facts that no event announces are looked at again. */
const AGAIN_SECONDS = 1;
/** How soon a request that is another operator's is looked at again, should an event not wake us. */
const LOOK_SECONDS = 30;
/** How soon an answer is looked at again whose dispute outlasts its window. */
const DISPUTE_SECONDS = 5;
/** How soon, and how seldom, a held fee is tried again. */
const FEE_LEAST_SECONDS = 5;
const FEE_MOST_SECONDS = 3_600;

/**
 * What to do next for a request, from what is written down and what the chain says. It never does anything that the contract
 * would refuse on the same facts, and never waits past a turn that is ours.
 */
export function nextMove(job: JobFacts, request: RequestFacts, me: Address, now: number): Move {
  switch (request.status) {
    case 'None':
      return { do: 'end', outcome: 'vanished' };
    case 'Refunded':
      return { do: 'end', outcome: 'refunded' };
    case 'Final':
      return whenFinal(job, request, me, now);
    case 'Asserted':
      return whenAsserted(job, request, me, now);
    case 'Open':
      return whenOpen(job, request, me, now);
  }
}

function whenFinal(job: JobFacts, request: RequestFacts, me: Address, now: number): Move {
  if (!isOurs(request, me)) return { do: 'end', outcome: 'passed' };
  if (needsDelivery(request) && job.refused === undefined) {
    // Answered in an earlier life, whose database is gone.
    return job.answered ? { do: 'deliver', round: request.round } : { do: 'run' };
  }
  if (request.feeHeld) return { do: 'distribute', again: now + patienceSeconds(request, now) };
  return { do: 'end', outcome: 'collected' };
}

/** As long again as it has lasted: what was refused for a second may pass in another, what was refused for a week will not. */
function patienceSeconds({ assertion }: RequestFacts, now: number): number {
  return Math.min(FEE_MOST_SECONDS, Math.max(FEE_LEAST_SECONDS, now - (assertion?.finalAt ?? now)));
}

function whenAsserted(job: JobFacts, request: RequestFacts, me: Address, now: number): Move {
  const { assertion, hasCallback, optimistic, round } = request;
  const finalAt = assertion?.finalAt ?? now;
  if (assertion === undefined || !isOurs(request, me)) {
    return { do: 'wait', until: Math.max(finalAt, now) + LOOK_SECONDS, why: 'another operator' };
  }
  const canDeliver = hasCallback && !assertion.delivered && job.refused === undefined;
  if (canDeliver && !job.answered) return { do: 'run' };
  // A callback that failed early is tried once more: that it was final may be what the client was waiting for.
  if (now >= finalAt && request.disputed) return { do: 'wait', until: now + DISPUTE_SECONDS, why: 'dispute' };
  if (now >= finalAt) return { do: 'finalize', deliver: canDeliver, round };
  if (canDeliver && optimistic && !assertion.callbackFailed) return { do: 'deliver', round };
  return { do: 'wait', until: finalAt, why: 'dispute window' };
}

function whenOpen(job: JobFacts, request: RequestFacts, me: Address, now: number): Move {
  const { deadline, draw } = request;
  if (now > deadline) return whenExpired(request, now);
  const untilDeadline = (why: WaitReason, seconds = LOOK_SECONDS): Move => ({
    do: 'wait',
    until: Math.min(now + seconds, deadline + 1),
    why,
  });
  if (job.convicted || job.refused !== undefined) return untilDeadline('cannot answer');
  // Whoever was drawn may answer even after it has left.
  if (!request.enrolled && !isDrawn(request, me)) return untilDeadline('enrolment');
  if (draw === undefined && now < request.openToAllAt) return untilDeadline('draw', AGAIN_SECONDS);
  const turnAt = turnOf(request, me);
  if (now < turnAt) {
    const isExclusive = draw?.operator !== undefined && now < request.openToAllAt;
    return { do: 'wait', until: turnAt, why: isExclusive ? 'exclusive window of the drawn operator' : 'turn' };
  }
  if (!job.answered) return { do: 'run' };
  if (request.bond > request.freeStake) return untilDeadline('free stake', AGAIN_SECONDS);
  return { do: 'assert', round: request.round + 1 };
}

function whenExpired(request: RequestFacts, now: number): Move {
  const turnAt = request.deadline + 1 + request.place * TURN_SECONDS;
  return now < turnAt ? { do: 'wait', until: turnAt, why: 'turn to refund' } : { do: 'refund' };
}

/**
 * The second from which we may answer: at once when drawn, else in our place after the drawn operator's window. Whoever comes
 * late has at least half of the time that is left before the deadline.
 */
function turnOf(request: RequestFacts, me: Address): number {
  const { draw, openSince, openToAllAt, deadline, place } = request;
  if (isDrawn(request, me)) return openSince;
  const openAt = draw !== undefined && draw.operator === undefined ? openSince : openToAllAt;
  return openAt + Math.min(place * TURN_SECONDS, Math.max(0, Math.floor((deadline - openAt) / 2)));
}

function isDrawn({ draw }: RequestFacts, me: Address): boolean {
  return draw?.operator !== undefined && isSame(draw.operator, me);
}

function isOurs(request: RequestFacts, me: Address): boolean {
  return request.assertion !== undefined && isSame(request.assertion.operator, me);
}

/** A callback that failed stays undelivered: running it again would fail again, at the client's cost. Anyone may retry it. */
function needsDelivery({ hasCallback, assertion }: RequestFacts): boolean {
  return hasCallback && assertion !== undefined && !assertion.delivered && !assertion.callbackFailed;
}

function isSame(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
