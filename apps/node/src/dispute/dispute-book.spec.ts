import type { GameEvent } from '@openimo/disputes';
import { DisputeBook } from './dispute-book.js';
import { fromEventRow, toEventRow } from './game-event-row.js';

const ME = '0x00000000000000000000000000000000000000a1';
const ROOT = `0x${'ab'.repeat(32)}` as const;
const id = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const;

const place = (blockNumber: number, logIndex = 0) => ({
  blockNumber: BigInt(blockNumber),
  logIndex,
  at: 1_000 + blockNumber,
});

function challenged(dispute: number, requestId: bigint, block: number): GameEvent {
  const subject = { requestId, round: 0, item: 0 };
  const stakes = { bond: 2n ** 90n, clock: 60 };
  return { ...place(block), name: 'Challenged', disputeId: id(dispute), challenger: ME, ...subject, ...stakes };
}

function traced(requestId: bigint, block: number): GameEvent {
  return { ...place(block), name: 'TracePosted', requestId, round: 0, item: 0, root: ROOT, children: [ROOT] };
}

function picked(dispute: number, block: number): GameEvent {
  return { ...place(block), name: 'Picked', disputeId: id(dispute), child: ROOT, index: 1, node: 0 };
}

function lost(dispute: number, requestId: bigint, block: number): GameEvent {
  const shares = { bond: 2n ** 90n, gasShare: 2n, reward: 3n };
  return { ...place(block), name: 'OperatorConvicted', disputeId: id(dispute), requestId, winner: ME, ...shares };
}

const story = [challenged(1, 7n, 1), challenged(2, 8n, 2), traced(7n, 3), picked(1, 4), lost(1, 7n, 9)];

describe('DisputeBook', () => {
  it('tells the same whether events come at once or one by one, and twice', () => {
    const [atOnce, oneByOne] = [new DisputeBook(), new DisputeBook()];
    atOnce.add(story, 9n);
    for (const event of story) oneByOne.add([event], event.blockNumber);
    oneByOne.add(story, 9n);

    expect(oneByOne.all()).toEqual(atOnce.all());
    expect(atOnce.find(id(1))).toMatchObject({ outcome: 'operatorLost', plies: [{ name: 'Picked' }] });
    expect(atOnce.find(id(2))).toMatchObject({ plies: [] });
    expect(atOnce.find(id(2))?.outcome).toBeUndefined();
  });

  it('follows the chain back', () => {
    const book = new DisputeBook();
    book.add(story, 9n);

    book.replace(story.slice(0, 3), 3n);

    expect(book.block).toBe(3n);
    expect(book.find(id(1))).toMatchObject({ plies: [] });
    expect(book.find(id(1))?.outcome).toBeUndefined();
  });

  it('leaves out moves of disputes that it does not know the beginning of', () => {
    const book = new DisputeBook();
    book.add([picked(5, 1), traced(9n, 2), lost(5, 9n, 3)], 3n);

    expect(book.all()).toEqual([]);
  });
});

it('rows of events say what the events said', () => {
  const rows = story.map(toEventRow);

  expect(JSON.parse(JSON.stringify(rows.map(({ args }) => args)))).toEqual(rows.map(({ args }) => args));
  expect(rows.map(fromEventRow)).toEqual(story);
});
