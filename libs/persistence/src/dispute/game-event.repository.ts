import type { DataSource, EntityManager } from 'typeorm';
import type { Address } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { GameEventEntity } from './game-event.entity.js';

export type GameEventRow = Omit<GameEventEntity, 'chainId' | 'account'>;

/** What the dispute game announced, as one account has read it. */
export class GameEventRepository {
  constructor(
    private readonly dataSource: DataSource,
    readonly chainId: number,
    readonly account: Address,
  ) {}

  /** Events that are there already stay as they are. Call in the transaction that advances the cursor. */
  add(events: readonly GameEventRow[], manager: EntityManager): Promise<void> {
    return classified(async () => {
      if (events.length === 0) return;
      const rows = events.map((event) =>
        toRow<GameEventEntity>({ ...event, chainId: this.chainId, account: this.account }),
      );
      await manager.createQueryBuilder().insert().into(GameEventEntity).values(rows).orIgnore().execute();
    });
  }

  /** In the order of the chain. */
  list(): Promise<GameEventRow[]> {
    return classified(() =>
      this.dataSource.manager.find(GameEventEntity, {
        where: { chainId: this.chainId, account: this.account },
        order: { blockNumber: 'ASC', logIndex: 'ASC' },
      }),
    );
  }

  /** What happened after `blockNumber` is on the chain no more. */
  forgetAfter(blockNumber: bigint, manager: EntityManager): Promise<void> {
    return classified(async () => {
      await manager.query('delete from game_events where chain_id = $1 and account = $2 and block_number > $3', [
        this.chainId,
        this.account.toLowerCase(),
        blockNumber.toString(),
      ]);
    });
  }

  /** What happened before is of no use to anybody any more. */
  forgetBefore(time: Date): Promise<void> {
    return classified(async () => {
      await this.dataSource.query('delete from game_events where chain_id = $1 and account = $2 and block_time < $3', [
        this.chainId,
        this.account.toLowerCase(),
        time,
      ]);
    });
  }
}
