import { openDatabase, type DataSource } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { type NewWatchedAnswer, WatchedAnswerRepository } from './watched-answer.repository.js';

let database: TestDatabase;
let dataSource: DataSource;
let watchers = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url, { poolSize: 4 });
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

/** Every test is another watcher, so that none sees another's answers. */
const repository = () =>
  new WatchedAnswerRepository(dataSource, 31_337, `0x${(++watchers).toString(16).padStart(40, 'E')}`);

const LEASE_MS = 60_000;

function answer(requestId: bigint, more: Partial<NewWatchedAnswer> = {}): NewWatchedAnswer {
  return {
    requestId,
    round: 1,
    versionId: 2n,
    operator: '0x00000000000000000000000000000000000000AA',
    outputRoot: `0x${'ab'.repeat(32)}`,
    blockNumber: 5n,
    blockHash: `0x${'cd'.repeat(32)}`,
    finalAt: new Date('2030-01-01T00:00:00Z'),
    ...more,
  };
}

describe('a watched answer', () => {
  it('waits to be judged, as it was given', async () => {
    const answers = repository();
    await answers.add(answer(3n));

    expect(await answers.find(3n, 1)).toMatchObject({
      ...answer(3n),
      operator: '0x00000000000000000000000000000000000000aa',
      status: 'waiting',
      item: null,
      trouble: null,
    });
  });

  it('seen again keeps its verdict; another in its place has none', async () => {
    const answers = repository();
    await answers.add(answer(3n));
    await answers.settle((await answers.find(3n, 1))!, { status: 'wrong', item: 7 });

    await answers.add(answer(3n));
    expect(await answers.find(3n, 1)).toMatchObject({ status: 'wrong', item: 7 });
    await answers.add(answer(3n, { blockHash: `0x${'ef'.repeat(32)}`, blockNumber: 6n }));
    expect(await answers.find(3n, 1)).toMatchObject({ status: 'waiting', item: null, blockNumber: 6n });
  });

  it('gets no verdict that was meant for the one before', async () => {
    const answers = repository();
    await answers.add(answer(3n));
    const before = (await answers.find(3n, 1))!;
    await answers.add(answer(3n, { blockHash: `0x${'ef'.repeat(32)}` }));

    expect(await answers.settle(before, { status: 'right' })).toBe(false);
    expect(await answers.find(3n, 1)).toMatchObject({ status: 'waiting' });
  });

  it('is judged once', async () => {
    const answers = repository();
    await answers.add(answer(3n));
    const taken = (await answers.claimNextDue(LEASE_MS))!;

    expect(await answers.settle(taken, { status: 'right' })).toBe(true);
    expect(await answers.settle(taken, { status: 'wrong', item: 0 })).toBe(false);
    expect(await answers.countByStatus()).toEqual({ right: 1 });
  });

  it('is forgotten with the block it was seen in', async () => {
    const answers = repository();
    await answers.add(answer(3n));
    await answers.add(answer(4n, { blockNumber: 6n }));

    await answers.forgetAfter(5n);

    expect(await answers.find(3n, 1)).toBeDefined();
    expect(await answers.find(4n, 1)).toBeUndefined();
  });
});

describe('the queue', () => {
  it('starts with the window that closes first', async () => {
    const answers = repository();
    await answers.add(answer(1n, { finalAt: new Date('2030-01-03T00:00:00Z') }));
    await answers.add(answer(2n, { finalAt: new Date('2030-01-01T00:00:00Z') }));
    await answers.add(answer(3n, { finalAt: new Date('2030-01-02T00:00:00Z') }));

    const order = [];
    for (let i = 0; i < 3; i++) order.push((await answers.claimNextDue(LEASE_MS))!.requestId);

    expect(order).toEqual([2n, 3n, 1n]);
    expect(await answers.claimNextDue(LEASE_MS)).toBeUndefined();
  });

  it('has again what was postponed, and what a watcher that died had in hand', async () => {
    const answers = repository();
    await answers.add(answer(1n));
    const trouble = { code: 'ModelNotFound', message: 'no such file' };
    await answers.postpone((await answers.claimNextDue(LEASE_MS))!, new Date(), trouble);
    expect(await answers.claimNextDue(LEASE_MS)).toMatchObject({ requestId: 1n, attempts: 2, trouble });
    expect(await answers.claimNextDue(LEASE_MS)).toBeUndefined();

    await answers.makeDue();

    expect(await answers.claimNextDue(LEASE_MS)).toMatchObject({ requestId: 1n, attempts: 3 });
  });

  it('says how many wait, since when, and how long the first has left', async () => {
    const answers = repository();
    expect(await answers.backlog()).toEqual({ waiting: 0, oldestSince: undefined, firstFinalAt: undefined });
    await answers.add(answer(1n));
    await answers.add(answer(2n, { finalAt: new Date('2029-01-01T00:00:00Z') }));

    const backlog = await answers.backlog();
    expect(backlog).toMatchObject({ waiting: 2, firstFinalAt: new Date('2029-01-01T00:00:00Z') });
    expect(backlog.oldestSince!.getTime()).toBeLessThanOrEqual(Date.now());
  });
});
