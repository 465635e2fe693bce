import { inTransaction, openDatabase, type DataSource } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { ChainCursorRepository } from './chain-cursor.repository.js';

let database: TestDatabase;
let dataSource: DataSource;
let consumers = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const repository = () => new ChainCursorRepository(dataSource, 31_337, `consumer ${++consumers}`);
const block = (n: number) => ({ blockNumber: BigInt(n), blockHash: `0x${n.toString(16).padStart(64, '0')}` as const });

async function advance(cursor: ChainCursorRepository, ...numbers: number[]): Promise<void> {
  for (const n of numbers) await inTransaction(dataSource, (manager) => cursor.advance(manager, block(n)));
}

const numbers = async (cursor: ChainCursorRepository) =>
  (await cursor.checkpoints()).map((each) => Number(each.blockNumber));

describe('ChainCursorRepository', () => {
  it('knows the newest checkpoint first, and only those of its consumer', async () => {
    const [cursor, other] = [repository(), repository()];
    await advance(cursor, 5, 9, 7);
    await advance(other, 100);

    expect(await cursor.checkpoints()).toMatchObject([block(9), block(7), block(5)]);
  });

  it('goes back to an ancestor, or to nothing', async () => {
    const cursor = repository();
    await advance(cursor, 5, 7, 9);
    await inTransaction(dataSource, (manager) => cursor.rewind(manager, block(7)));
    expect(await numbers(cursor)).toEqual([7, 5]);

    await inTransaction(dataSource, (manager) => cursor.rewind(manager, undefined));
    expect(await numbers(cursor)).toEqual([]);
  });

  it('moves only together with the transaction that moved it', async () => {
    const cursor = repository();
    await advance(cursor, 1);
    const failing = inTransaction(dataSource, async (manager) => {
      await cursor.advance(manager, block(2));
      throw new Error('the rows were not stored');
    });

    await expect(failing).rejects.toThrow('the rows were not stored');
    expect(await numbers(cursor)).toEqual([1]);
  });

  it('keeps the last 256 checkpoints', async () => {
    const cursor = repository();
    await advance(cursor, ...Array.from({ length: 260 }, (_, n) => n));

    const kept = await dataSource.query(
      'select min(block_number)::int as first, count(*)::int as count from chain_cursor where consumer = $1',
      [cursor.consumer],
    );
    expect(kept).toEqual([{ first: 4, count: 256 }]);
  });
});
