import {
  GameEventRepository,
  GrievanceRepository,
  inTransaction,
  openDatabase,
  revertLastMigration,
  runMigrations,
  type DataSource,
  type GameEventRow,
  type NewGrievance,
} from '../index.js';
import { MIGRATIONS } from '../migrations/index.js';
import { DisputePlay1700000000005 } from '../migrations/1700000000005-dispute-play.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';

const CHAIN = 31_337;

let database: TestDatabase;
let dataSource: DataSource;
let accounts = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const nextAccount = () => `0x${(++accounts).toString(16).padStart(40, 'A')}` as const;
const gameEvents = () => new GameEventRepository(dataSource, CHAIN, nextAccount());
const grievances = () => new GrievanceRepository(dataSource, CHAIN, nextAccount());

function event(blockNumber: bigint, logIndex: number, blockTime = new Date('2030-01-01T00:00:00Z')): GameEventRow {
  return { blockNumber, logIndex, blockTime, name: 'Revealed', args: { disputeId: '0x01', children: ['0x02'] } };
}

async function add(repository: GameEventRepository, ...events: GameEventRow[]): Promise<void> {
  await inTransaction(dataSource, (manager) => repository.add(events, manager));
}

const places = async (repository: GameEventRepository) =>
  (await repository.list()).map(({ blockNumber, logIndex }) => `${blockNumber}/${logIndex}`);

describe('GameEventRepository', () => {
  it('keeps what happened once, in the order of the chain', async () => {
    const events = gameEvents();
    await add(events, event(12n, 0), event(7n, 10), event(7n, 9));
    await add(events, event(12n, 0));

    expect(await events.list()).toMatchObject([event(7n, 9), event(7n, 10), event(12n, 0)]);
    expect(await gameEvents().list()).toEqual([]);
  });

  it('forgets what a reorganisation took, and what is long ago', async () => {
    const [mine, theirs] = [gameEvents(), gameEvents()];
    await add(mine, event(1n, 0, new Date('2020-01-01T00:00:00Z')), event(5n, 0), event(6n, 0));
    await add(theirs, event(6n, 0));

    await inTransaction(dataSource, (manager) => mine.forgetAfter(5n, manager));
    expect(await places(mine)).toEqual(['1/0', '5/0']);

    await mine.forgetBefore(new Date('2025-01-01T00:00:00Z'));
    expect(await places(mine)).toEqual(['5/0']);
    expect(await places(theirs)).toEqual(['6/0']);
  });
});

describe('GrievanceRepository', () => {
  const key = { requestId: 2n ** 255n, round: 1, item: 3 };
  const answer = { kind: 'tensors', inputs: ['0x01'] };
  const grievance: NewGrievance = { ...key, versionId: 7n, blockNumber: 50n, answer };
  const another = { ...grievance, blockNumber: 52n, answer: { kind: 'tensors', inputs: ['0x02'] } };

  async function drop(repository: GrievanceRepository, item: number, reason: string): Promise<boolean> {
    return repository.drop((await repository.find({ ...key, item }))!, reason);
  }

  it('keeps one per item of an answer, however often it is filed', async () => {
    const repository = grievances();
    await repository.add(grievance);
    await repository.add(grievance);
    await repository.add({ ...grievance, round: 2 });

    expect(await repository.filed()).toMatchObject([grievance, { ...grievance, round: 2 }]);
    expect(await grievances().filed()).toEqual([]);
  });

  it('knows what became of it; filing it again starts only what was dropped', async () => {
    const repository = grievances();
    for (const item of [1, 2, 3]) await repository.add({ ...grievance, item });

    await repository.settle({ ...key, item: 1 }, 'won');
    expect(await drop(repository, 2, 'too late')).toBe(true);
    expect(await repository.find({ ...key, item: 2 })).toMatchObject({ status: 'dropped', reason: 'too late' });
    for (const item of [1, 2, 3]) await repository.add({ ...grievance, item });

    expect((await repository.filed()).map(({ item, reason }) => ({ item, reason }))).toEqual([
      { item: 2, reason: null },
      { item: 3, reason: null },
    ]);
  });

  it('holds the answer that was seen last against whoever gave two, even where the first was done with', async () => {
    const [open, done] = [grievances(), grievances()];
    for (const repository of [open, done]) await repository.add(grievance);
    await done.settle(key, 'won');

    for (const repository of [open, done]) {
      await repository.add(another);
      await repository.add(grievance);
      expect(await repository.filed()).toMatchObject([another]);
    }
  });

  it('does not drop what was filed again since it was read', async () => {
    const repository = grievances();
    await repository.add(grievance);
    const read = (await repository.find(key))!;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await repository.add(another);

    expect(await repository.drop(read, 'no answer stands')).toBe(false);
    expect(await repository.filed()).toMatchObject([another]);
  });

  it('looks again at what was settled on blocks that are gone, and at nothing older', async () => {
    const repository = grievances();
    await repository.add(grievance);
    await repository.settle(key, 'won');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const since = new Date();
    await repository.add({ ...grievance, item: 4 });
    await repository.settle({ ...key, item: 4 }, 'lost');

    await repository.reopenSince(since);

    expect((await repository.filed()).map(({ item }) => item)).toEqual([4]);
    expect((await repository.find(key))?.status).toBe('won');
  });
});

it('is migrated down and up again', async () => {
  const since = MIGRATIONS.slice(MIGRATIONS.indexOf(DisputePlay1700000000005 as never));
  for (let i = 0; i < since.length; i++) await revertLastMigration(dataSource);
  const left = await dataSource.query("select 1 from information_schema.tables where table_name = 'grievances'");
  expect(left).toEqual([]);

  await runMigrations(dataSource);

  expect(await grievances().filed()).toEqual([]);
});
