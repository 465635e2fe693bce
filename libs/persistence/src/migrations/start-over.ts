import type { QueryRunner } from 'typeorm';

/**
 * Empties the read model for the indexer to fill it again, as `IndexRepository.clear` does; consumers of the outbox are told by a
 * `reset`. For migrations after which old rows would lack what new ones have.
 *
 * @param tables All that the read model has at that time.
 */
export async function startOver(runner: QueryRunner, tables: readonly string[]): Promise<void> {
  const filled = (await runner.query('select 1 from index_state where block_number is not null')) as unknown[];
  if (filled.length === 0) return;
  await runner.query(`update index_state set block_number = null, block_hash = null, block_at = null, finalized_block = null,
    live_after = null, fork = fork + 1, outbox_position = outbox_position + 1`);
  await runner.query(`insert into outbox (position, event_id, kind, block_number)
    select outbox_position, fork || ':reset', 'reset', 0 from index_state`);
  await runner.query(`truncate ${tables.join(', ')}`);
}
