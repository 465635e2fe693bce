import { type DataSource, IndexStateEntity, OutboxEntity, type OutboxRow, RawLogEntity } from '@openimo/persistence';

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
