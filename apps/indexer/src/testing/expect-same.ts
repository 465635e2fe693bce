import { type DataSource, OutboxEntity, type OutboxRow, RawLogEntity, IndexStateEntity } from '@openimo/persistence';
import { dumpTables } from './tables.js';
import type { TestChain } from '@openimo/testing';
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

/**
 * Fails unless somebody who followed the outbox knows of every event since it began, once, and of nothing else.
 * @param since the block after which it began; as the state has it by default, which is right unless there was a rebuild
 */
export async function expectSoundOutbox(dataSource: DataSource, since?: bigint): Promise<OutboxRow[]> {
  const rows = await dataSource.manager.find(OutboxEntity, { order: { position: 'ASC' } });
  const [state] = await dataSource.manager.find(IndexStateEntity);
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, i) => BigInt(i + 1)));
  expect(new Set(rows.map(({ eventId }) => eventId)).size).toBe(rows.length);
  expect(state!.outboxPosition).toBe(BigInt(rows.length));

  const known = new Map<string, bigint>();
  for (const { kind, blockHash, logIndex, position } of rows) {
    const key = `${blockHash}:${logIndex}`;
    if (kind === 'event') {
      expect(known.has(key)).toBe(false);
      known.set(key, position);
    } else if (kind === 'reset') {
      known.clear();
    } else if (kind === 'retracted') {
      expect(rows[Number(known.get(key)) - 1]?.retractedBy).toBe(position);
      known.delete(key);
    }
  }
  const logs = await dataSource.manager.find(RawLogEntity);
  const news = logs.filter(({ blockNumber }) => blockNumber > (since ?? state!.liveAfter!));
  expect(new Set(known.keys())).toEqual(new Set(news.map(({ blockHash, logIndex }) => `${blockHash}:${logIndex}`)));
  return rows;
}
