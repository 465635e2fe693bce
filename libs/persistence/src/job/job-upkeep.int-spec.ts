import { JOB_STATUSES, JobRepository, NEVER, openDatabase, type DataSource, type NewJob } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';

const CHAIN = 31_337;
const LEASE_MS = 60_000;

let database: TestDatabase;
let dataSource: DataSource;
let operators = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function repository(): JobRepository {
  return new JobRepository(dataSource, CHAIN, `0x${(++operators).toString(16).padStart(40, '0')}`);
}

function job(requestId: bigint): NewJob {
  return {
    requestId,
    versionId: 1n,
    account: '0x00000000000000000000000000000000000000aa',
    batchSize: 1,
    input: '0x0102',
    callbackContract: '0x00000000000000000000000000000000000000bb',
    callbackGasLimit: 100_000n,
    callbackData: '0x',
    options: {},
    blockNumber: 5n,
    blockHash: `0x${'cd'.repeat(32)}`,
    deadline: new Date('2030-01-01T00:00:00Z'),
  };
}

const claim = async (jobs: JobRepository) => (await jobs.claimNextDue(JOB_STATUSES, LEASE_MS))?.requestId;

describe('JobRepository.makeDue', () => {
  it('frees the lease of a worker that died', async () => {
    const jobs = repository();
    await jobs.add(job(1n));
    expect(await claim(jobs)).toBe(1n);
    expect(await claim(jobs)).toBeUndefined();

    await jobs.makeDue();

    expect(await claim(jobs)).toBe(1n);
  });

  it('wakes what was put off for ever only by name', async () => {
    const jobs = repository();
    await jobs.add(job(1n));
    await jobs.add(job(2n));
    await jobs.postpone(1n, NEVER);
    await jobs.postpone(2n, NEVER);

    await jobs.makeDue();
    expect(await claim(jobs)).toBeUndefined();

    await jobs.makeDue([2n]);
    expect(await claim(jobs)).toBe(2n);
    expect(await claim(jobs)).toBeUndefined();
  });

  it("leaves other operators' jobs alone", async () => {
    const mine = repository();
    const theirs = repository();
    await theirs.add(job(1n));
    await theirs.postpone(1n, NEVER);

    await mine.makeDue([1n]);

    expect(await claim(theirs)).toBeUndefined();
  });
});

describe('JobRepository.makeDueSince', () => {
  it('wakes what was put off for ever since then, and nothing older', async () => {
    const jobs = repository();
    await jobs.add(job(1n));
    await jobs.postpone(1n, NEVER);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const since = new Date();
    await jobs.add(job(2n));
    await jobs.postpone(2n, NEVER);

    await jobs.makeDueSince(since);

    expect(await claim(jobs)).toBe(2n);
    expect(await claim(jobs)).toBeUndefined();
  });
});

describe('JobRepository.countByStatus', () => {
  it('counts what one operator has', async () => {
    const jobs = repository();
    for (const id of [1n, 2n, 3n]) await jobs.add(job(id));
    await repository().add(job(1n));
    await jobs.move(2n, 'open', 'computed', { outputs: ['0x01'] });

    expect(await jobs.countByStatus()).toEqual({ computed: 1, open: 2 });
  });
});
