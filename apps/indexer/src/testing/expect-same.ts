import type { DataSource } from '@openimo/persistence';
import { dumpTables, type TestChain } from '@openimo/testing';
import { TestIndex } from './test-index.js';

/** Fails unless the tables are those that an undisturbed indexer makes of the chain as it is now. */
export async function expectUndisturbedTables(chain: TestChain, actual: DataSource): Promise<void> {
  const calm = await TestIndex.create(chain);
  try {
    await calm.catchUp({ maxBlocks: 5_000 });
    const [expected, found] = [await dumpTables(calm.dataSource), await dumpTables(actual)];
    for (const [name, rows] of Object.entries(expected)) expect({ name, rows: found[name] }).toEqual({ name, rows });
    expect(expected['raw_logs']!.length).toBeGreaterThan(0);
  } finally {
    await calm.close();
  }
}
