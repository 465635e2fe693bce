import type { DisputeEntity, DisputePhase, DisputeSide } from '@openimo/persistence';

/** The chess clocks of a dispute, as `DisputeClock.sol` has them. What is left on each is in seconds. */
export type Clocks = Pick<DisputeEntity, 'operatorLeft' | 'challengerLeft' | 'since'>;
type Running = Clocks & Pick<DisputeEntity, 'phase' | 'turn' | 'deadline'>;

const TURNS: Readonly<Record<DisputePhase, DisputeSide | null>> = {
  awaitTrace: 'operator',
  awaitPick: 'challenger',
  awaitReveal: 'operator',
  awaitProof: 'challenger',
  operatorLost: null,
  challengerLost: null,
  moot: null,
};

/** Starts the clock of the side whose turn it is in `phase`. */
export function start({ operatorLeft, challengerLeft, since }: Clocks, phase: DisputePhase): Running {
  const turn = TURNS[phase];
  const left = turn === 'operator' ? operatorLeft : challengerLeft;
  const deadline = turn === null ? null : new Date(since.getTime() + left * 1_000);
  return { operatorLeft, challengerLeft, since, phase, turn, deadline };
}

/** A move: stops the clock that runs and starts that of whose turn it is in `phase`. */
export function press(clocks: Running, at: Date, phase: DisputePhase): Running {
  return start(stop(clocks, at), phase);
}

/** Whether the side whose turn it is can no longer move. At the deadline itself it still can. */
export function isOutOfTime({ deadline }: Pick<Running, 'deadline'>, at: Date): boolean {
  return deadline !== null && at > deadline;
}

function stop({ operatorLeft, challengerLeft, turn, deadline }: Running, at: Date): Clocks {
  const left = deadline === null ? 0 : Math.max(0, (deadline.getTime() - at.getTime()) / 1_000);
  return {
    operatorLeft: turn === 'operator' ? left : operatorLeft,
    challengerLeft: turn === 'challenger' ? left : challengerLeft,
    since: at,
  };
}
