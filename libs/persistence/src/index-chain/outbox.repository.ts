import { MoreThan, type DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import { OutboxEntity } from './outbox.entity.js';

export type OutboxRow = Omit<OutboxEntity, never>;

const MOST_ROWS = 1_000;

/**
 * What the indexer announces, for whoever wants to know. A consumer remembers the last position it has handled and asks for
 * what comes after: nothing is lost while it is away, and no `eventId` comes twice.
 */
export class OutboxRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In order; at most `limit`. */
  after(position: bigint, limit = MOST_ROWS): Promise<OutboxRow[]> {
    return classified(() =>
      this.dataSource.manager.find(OutboxEntity, {
        where: { position: MoreThan(position) },
        order: { position: 'ASC' },
        take: Math.min(limit, MOST_ROWS),
      }),
    );
  }

  /** Of the newest row, 0 before the first: where a consumer begins that cares about what comes. */
  lastPosition(): Promise<bigint> {
    return classified(async () => {
      const [row] = await this.dataSource.query<{ last: string }[]>(
        'select coalesce(max(outbox_position), 0) as last from index_state',
      );
      return BigInt(row!.last);
    });
  }

  /** Forgets all but the newest `keep` rows. */
  prune(keep: number): Promise<void> {
    return classified(async () => {
      await this.dataSource.query(
        'delete from outbox where position <= (select coalesce(max(outbox_position), 0) from index_state) - $1',
        [keep],
      );
    });
  }
}
