import {
  challengerMove,
  operatorMove,
  toHex,
  turnOf,
  type CommittedTrace,
  type DisputeState,
  type Move,
} from '@openimo/donnx';
import type { Match } from './arena.js';

/** Plays until a side has no move that the contract takes; after each move the contract's state is that of the rules. */
export async function playOut(
  match: Match,
  operator: CommittedTrace,
  challenger: CommittedTrace,
  before: (move: Move) => Promise<void> = async () => {},
): Promise<void> {
  for (;;) {
    const { model, state, moves } = match;
    const turn = turnOf(state);
    if (turn === undefined) return;
    const move =
      turn === 'operator'
        ? operatorMove(model.commitment, state, operator)
        : challengerMove(model, state, moves, challenger);
    if (move === undefined) return;
    await before(move);
    if (!(await match.make(move))) return;
    expect(await match.stored()).toMatchObject(storedOf(match.state));
  }
}

/** What the contract keeps of a state of the rules. Before the first pick it keeps next to nothing. */
function storedOf({ phase, cursor, level, position, node, traceRoot }: DisputeState) {
  if (toHex(cursor) === toHex(traceRoot) && phase === 'AwaitPick') return { phase: 'AwaitTrace' };
  if (phase === 'OperatorLost') return { phase };
  return { phase, cursor: toHex(cursor), level, position, node: node?.id ?? 0 };
}

/** The operator is convicted, and its answer is void. */
export async function expectConvicted(match: Match): Promise<void> {
  expect(match.state.phase).toBe('OperatorLost');
  expect((await match.stored()).phase).toBe('OperatorLost');
  expect(await match.answerStands()).toBe(false);
}
