import { openDatabase, type DataSource } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { JOB_STATUSES, JOB_TRANSITIONS, type JobStatus, UNFINISHED } from './job-status.js';
import { JobRepository, type NewJob } from './job.repository.js';

let database: TestDatabase;
let dataSource: DataSource;
let operators = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url, { poolSize: 4 });
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

/** Every test is another operator, so that none sees another's jobs. */
const repository = () => new JobRepository(dataSource, 31_337, `0x${(++operators).toString(16).padStart(40, 'E')}`);

function job(requestId: bigint, more: Partial<NewJob> = {}): NewJob {
  return {
    requestId,
    versionId: 2n ** 200n,
    account: '0x00000000000000000000000000000000000000AA',
    batchSize: 1,
    input: '0x0102',
    callbackContract: '0x00000000000000000000000000000000000000BB',
    callbackGasLimit: 100_000n,
    callbackData: '0x',
    options: { fee: '7' },
    blockNumber: 5n,
    blockHash: `0x${'cd'.repeat(32)}`,
    deadline: new Date('2030-01-01T00:00:00Z'),
    ...more,
  };
}

describe('a job', () => {
  it('is stored open and due, as it was given', async () => {
    const jobs = repository();
    await jobs.add(job(3n));

    expect(await jobs.find(3n)).toMatchObject({
      ...job(3n),
      account: '0x00000000000000000000000000000000000000aa',
      callbackContract: '0x00000000000000000000000000000000000000bb',
      status: 'open',
      attempts: 0,
      outputs: null,
    });
  });

  it('seen again in another block keeps what was done for it', async () => {
    const jobs = repository();
    await jobs.add(job(3n));
    await jobs.move(3n, 'open', 'computed', { outputs: ['0xff'] });
    await jobs.add(job(3n, { blockNumber: 6n }));

    expect(await jobs.find(3n)).toMatchObject({ status: 'computed', outputs: ['0xff'], blockNumber: 6n });
  });

  it('is not moved for what was made of it in a block that is gone', async () => {
    const jobs = repository();
    const [before, after] = [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`] as const;
    await jobs.add(job(3n, { blockHash: before }));
    await jobs.add(job(3n, { blockHash: after }));

    const late = jobs.move(3n, 'open', 'computed', { outputs: ['0xff'] }, undefined, before);
    await expect(late).rejects.toMatchObject({ code: 'JobMovedMeanwhile' });
    await jobs.move(3n, 'open', 'computed', { outputs: ['0xff'] }, undefined, after);
  });

  it('is another one for another operator', async () => {
    const [first, second] = [repository(), repository()];
    await first.add(job(3n));
    await second.add(job(3n));
    await first.move(3n, 'open', 'failed', { error: { code: 'X', message: 'x', data: {} } });

    expect(await second.find(3n)).toMatchObject({ status: 'open' });
  });
});

describe('claimNextDue', () => {
  it('takes each due job once, the longest due first', async () => {
    const jobs = repository();
    for (const id of [1n, 2n, 3n]) await jobs.add(job(id));
    await jobs.postpone(1n, new Date(Date.now() - 1_000));
    await jobs.postpone(2n, new Date(Date.now() - 2_000));
    await jobs.postpone(3n, new Date(Date.now() + 60_000));

    const claimed = [];
    for (let i = 0; i < 3; i++) claimed.push((await jobs.claimNextDue(['open'], 60_000))?.requestId);
    expect(claimed).toEqual([2n, 1n, undefined]);
    expect(await jobs.find(2n)).toMatchObject({ attempts: 1 });
  });

  it('gives different jobs to workers that ask at the same time', async () => {
    const jobs = repository();
    for (let id = 1n; id <= 8n; id++) await jobs.add(job(id));

    const claimed = await Promise.all(Array.from({ length: 12 }, () => jobs.claimNextDue(['open'], 60_000)));
    const ids = claimed.flatMap((each) => (each === undefined ? [] : [each.requestId]));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives a job out again when its worker died', async () => {
    const jobs = repository();
    await jobs.add(job(1n));
    await jobs.claimNextDue(['open'], 0);

    expect(await jobs.claimNextDue(['open'], 60_000)).toMatchObject({ requestId: 1n, attempts: 2 });
  });

  it('looks at the statuses asked for only', async () => {
    const jobs = repository();
    await jobs.add(job(1n));

    expect(await jobs.claimNextDue(['computed', 'asserted'], 60_000)).toBeUndefined();
  });
});

describe('move', () => {
  it('refuses a move the machine does not have', async () => {
    const jobs = repository();
    await jobs.add(job(1n));

    await expect(jobs.move(1n, 'open', 'final')).rejects.toMatchObject({ code: 'JobMoveRefused' });
  });

  it('refuses to move a job that somebody moved before', async () => {
    const jobs = repository();
    await jobs.add(job(1n));
    await jobs.move(1n, 'open', 'superseded');

    await expect(jobs.move(1n, 'open', 'computed')).rejects.toMatchObject({ code: 'JobMovedMeanwhile' });
  });

  it('makes it due at once in its new status', async () => {
    const jobs = repository();
    await jobs.add(job(1n));
    await jobs.claimNextDue(['open'], 60_000);
    await jobs.move(1n, 'open', 'computed', { outputs: ['0x01'] });

    expect(await jobs.claimNextDue(['computed'], 60_000)).toMatchObject({ requestId: 1n, attempts: 1 });
  });
});

it('forgets what it saw after a block, unless it has answered', async () => {
  const jobs = repository();
  await jobs.add(job(1n, { blockNumber: 4n }));
  await jobs.add(job(2n, { blockNumber: 5n }));
  await jobs.add(job(3n, { blockNumber: 6n }));
  await jobs.move(3n, 'open', 'computed', { outputs: ['0x'] });
  await jobs.move(3n, 'computed', 'asserting');
  await jobs.forgetAfter(4n);

  expect((await jobs.list(JOB_STATUSES)).map(({ requestId }) => requestId)).toEqual([1n, 3n]);
});

it('has a machine in which every status can be reached', () => {
  const reachable = new Set(JOB_STATUSES.flatMap((status) => JOB_TRANSITIONS[status]));
  expect(JOB_STATUSES.filter((status) => status !== 'open' && !reachable.has(status))).toEqual([]);
});

describe('the activity of versions', () => {
  it('is the last deadline, and whether anything is unfinished', async () => {
    const jobs = repository();
    const [early, late] = [new Date('2030-01-01T00:00:00Z'), new Date('2031-01-01T00:00:00Z')];
    await jobs.add(job(1n, { versionId: 7n, deadline: late }));
    await jobs.add(job(2n, { versionId: 7n, deadline: early }));
    await jobs.add(job(3n, { versionId: 2n ** 200n, deadline: early }));
    await jobs.move(1n, 'open', 'superseded');
    await jobs.move(3n, 'open', 'refunded');
    await repository().add(job(4n, { versionId: 8n }));

    expect(await jobs.activityByVersion()).toEqual(
      new Map([
        [7n, { lastDeadline: late, busy: true }],
        [2n ** 200n, { lastDeadline: early, busy: false }],
      ]),
    );
  });

  it.each(JOB_STATUSES)('counts %s as unfinished where the operator has something to do or to wait for', (status) => {
    const ended: JobStatus[] = ['final', 'superseded', 'refunded', 'voided', 'failed'];
    expect(UNFINISHED.includes(status)).toBe(!ended.includes(status));
  });
});
