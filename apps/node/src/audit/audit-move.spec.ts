import { type AuditState, nextAuditMove, type Stance, TURN_SECONDS } from './audit-move.js';

const FIRST = '0x00000000000000000000000000000000000000a1';
const SECOND = '0x00000000000000000000000000000000000000b2';
const NOBODY = '0x0000000000000000000000000000000000000000';
const START = 1_000;
const QUARTER = 15;
const pair = { assertedAt: START, quarter: QUARTER, auditors: [FIRST, SECOND] } as const;
const alone = { ...pair, auditors: [FIRST, NOBODY] } as const;

function state(first: Stance, second: Stance, more: Partial<AuditState> = {}): AuditState {
  return { open: true, stances: [first, second], decided: false, ...more };
}

const move = (facts: AuditState, place: 0 | 1, after: number, audit: typeof pair | typeof alone = pair) =>
  nextAuditMove(audit, facts, place, START + after).do;

describe('nextAuditMove', () => {
  it('commits in the first half of the window, and not later', () => {
    expect(move(state('None', 'None'), 0, 2 * QUARTER - 1)).toBe('commit');
    expect(move(state('None', 'Committed'), 0, 2 * QUARTER)).toBe('wait');
  });

  it('reveals once the other has committed, or can no more', () => {
    expect(move(state('Committed', 'None'), 0, 5)).toBe('wait');
    expect(move(state('Committed', 'Committed'), 0, 5)).toBe('reveal');
    expect(move(state('Confirmed', 'Committed'), 1, 5)).toBe('reveal');
    expect(move(state('Committed', 'None'), 0, 2 * QUARTER)).toBe('reveal');
    expect(move(state('Committed', 'None'), 0, 3 * QUARTER)).toBe('wait');
  });

  it('reveals at once where it audits alone', () => {
    expect(move(state('Committed', 'None'), 0, 1, alone)).toBe('reveal');
  });

  it('says until when it may', () => {
    expect(nextAuditMove(pair, state('None', 'None'), 0, START)).toEqual({ do: 'commit', until: START + 2 * QUARTER });
    expect(nextAuditMove(alone, state('Committed', 'None'), 0, START)).toEqual({
      do: 'reveal',
      until: START + 3 * QUARTER,
    });
  });

  it('has nothing to do between its reveal and the end', () => {
    expect(move(state('Confirmed', 'Confirmed'), 0, 5)).toBe('wait');
    expect(move(state('Denied', 'Confirmed', { decided: true }), 0, 3 * QUARTER - 1)).toBe('wait');
  });

  it('settles once the fate of the answer is known, one after the other', () => {
    const decided = state('Confirmed', 'Confirmed', { decided: true });

    expect(move(state('Confirmed', 'Confirmed'), 0, 9 * QUARTER)).toBe('wait');
    expect(move(decided, 0, 3 * QUARTER)).toBe('settle');
    expect(move(decided, 1, 3 * QUARTER)).toBe('wait');
    expect(move(decided, 1, 3 * QUARTER + TURN_SECONDS)).toBe('settle');
  });

  it('forgets what is settled', () => {
    expect(move(state('Confirmed', 'None', { open: false }), 0, 5)).toBe('forget');
  });
});
