import type { DisputeRecord, Ply } from '@openimo/disputes';
import { type AnswerFacts, type DisputeMove, nextDisputeMove, openingMove } from './dispute-move.js';

const ME = '0x00000000000000000000000000000000000000a1';
const OTHER = '0x00000000000000000000000000000000000000b2';
const ROOT = `0x${'ab'.repeat(32)}` as const;
const ID = `0x${'01'.repeat(32)}` as const;

const START = 1_000;
const CLOCK = 60;

const trace = { root: ROOT, postedAt: START + 10, children: [ROOT] };
const picked: Ply = { name: 'Picked', disputeId: ID, child: ROOT, index: 0, node: 0 };
const revealed: Ply = { name: 'Revealed', disputeId: ID, children: [ROOT] };
const chunk: Ply = { name: 'ChunkRevealed', disputeId: ID, chunk: '0x00' };

function dispute(more: Partial<DisputeRecord> = {}): DisputeRecord {
  return {
    ...{ id: ID, subject: { requestId: 7n, round: 0, item: 0 }, challenger: OTHER, bond: 1n, plies: [] },
    clocks: { operatorLeft: CLOCK, challengerLeft: CLOCK, since: START },
    ...more,
  };
}

function move(record: DisputeRecord, side: 'operator' | 'challenger', now: number, more = {}): DisputeMove {
  return nextDisputeMove({ record, side, due: 0n, speechless: false, ...more }, now);
}

describe('nextDisputeMove', () => {
  it.each([
    ['the operator posts a trace', dispute(), 'operator'],
    ['the challenger picks below a trace', dispute({ trace }), 'challenger'],
    ['the operator reveals what was picked', dispute({ trace, plies: [picked] }), 'operator'],
    ['the challenger picks among the children', dispute({ trace, plies: [picked, revealed] }), 'challenger'],
    ['the challenger proves', dispute({ trace, plies: [picked, revealed, picked, chunk] }), 'challenger'],
  ] as const)('%s; the other side waits', (_, record, side) => {
    const other = side === 'operator' ? 'challenger' : 'operator';

    expect(move(record, side, START + 20)).toMatchObject({ do: 'move' });
    expect(move(record, other, START + 20)).toMatchObject({ do: 'wait', why: 'their turn' });
  });

  it('moves up to the last second, and not after it', () => {
    expect(move(dispute(), 'operator', START + CLOCK)).toEqual({ do: 'move', deadline: START + CLOCK });
    expect(move(dispute(), 'operator', START + CLOCK + 1)).toMatchObject({ do: 'wait', why: 'out of time' });
  });

  it('ends a dispute whose other side is out of time, a second after its last', () => {
    expect(move(dispute(), 'challenger', START + CLOCK)).toEqual({
      do: 'wait',
      until: START + CLOCK + 1,
      why: 'their turn',
    });
    expect(move(dispute(), 'challenger', START + CLOCK + 1)).toEqual({ do: 'timeout' });
    expect(move(dispute({ trace }), 'operator', trace.postedAt + CLOCK + 1)).toEqual({ do: 'timeout' });
  });

  it('takes a trace that came too late for none', () => {
    const late = { ...trace, postedAt: START + CLOCK + 1 };

    expect(move(dispute({ trace: late }), 'challenger', START + CLOCK + 2)).toEqual({ do: 'timeout' });
    expect(move(dispute({ trace: late }), 'operator', START + CLOCK + 2)).toMatchObject({ why: 'out of time' });
  });

  it('waits where it has nothing to say', () => {
    const record = dispute({ trace });

    expect(move(record, 'challenger', START + 20, { speechless: true })).toMatchObject({ why: 'nothing to say' });
  });

  it('looks again in a while, should it miss an event', () => {
    const long = dispute({ clocks: { operatorLeft: 90_000, challengerLeft: 90_000, since: START } });

    expect(move(long, 'challenger', START)).toEqual({ do: 'wait', until: START + 30, why: 'their turn' });
  });

  it.each([
    ['challenger', 'operatorLost', true],
    ['challenger', 'moot', true],
    ['challenger', 'challengerLost', false],
    ['operator', 'operatorLost', false],
    ['operator', 'challengerLost', true],
  ] as const)('withdraws what is due, then ends: as %s, %s', (side, outcome, won) => {
    const record = dispute({ outcome });

    expect(move(record, side, START, { due: 5n })).toEqual({ do: 'withdraw' });
    expect(move(record, side, START)).toEqual({ do: 'end', won });
  });
});

describe('openingMove', () => {
  const grievance = { round: 1, outputRoot: ROOT };
  const standing = { operator: OTHER, outputRoot: ROOT, finalAt: START + CLOCK } as const;
  const facts: AnswerFacts = { round: 1, standing };

  it('challenges the answer that was found wrong, while its window is open', () => {
    expect(openingMove(grievance, facts, ME, START + CLOCK - 1)).toEqual({ do: 'challenge' });
    expect(openingMove({ ...grievance, outputRoot: ROOT.toUpperCase() as never }, facts, ME, START).do).toBe(
      'challenge',
    );
  });

  it.each([
    ['the dispute window is over', facts, START + CLOCK],
    ['the answer was convicted already', { round: 2 }, START],
    ['no answer stands', { round: 1 }, START],
    ['another answer stands', { round: 1, standing: { ...standing, outputRoot: ID } }, START],
    ['the answer is our own', { round: 1, standing: { ...standing, operator: ME } }, START],
  ] as const)('drops it where %s', (reason, chain, now) => {
    expect(openingMove(grievance, chain, ME, now)).toEqual({ do: 'drop', reason });
  });
});
