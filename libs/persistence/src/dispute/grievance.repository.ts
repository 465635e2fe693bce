import type { DataSource } from 'typeorm';
import type { Address } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { GrievanceEntity, type GrievanceStatus } from './grievance.entity.js';

export type GrievanceRow = Omit<GrievanceEntity, 'chainId' | 'account'>;
export type NewGrievance = Pick<GrievanceRow, 'requestId' | 'round' | 'item' | 'versionId' | 'answer'>;
type Key = Pick<GrievanceRow, 'requestId' | 'round' | 'item'>;

/** What one account found wrong. */
export class GrievanceRepository {
  constructor(
    private readonly dataSource: DataSource,
    readonly chainId: number,
    readonly account: Address,
  ) {}

  /** Filed again, it stays what it was; one that was dropped is tried again. */
  add(grievance: NewGrievance): Promise<void> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        const now = new Date();
        const row = { ...grievance, status: 'filed', reason: null, createdAt: now, updatedAt: now } as const;
        await manager
          .createQueryBuilder()
          .insert()
          .into(GrievanceEntity)
          .values(toRow<GrievanceEntity>({ ...row, chainId: this.chainId, account: this.account }))
          .orIgnore()
          .execute();
        const again = { ...this.#where(grievance), status: 'dropped' } as const;
        await manager.update(GrievanceEntity, again, { status: 'filed', reason: null, updatedAt: now });
      }),
    );
  }

  /** Those that are not settled, oldest first. */
  filed(): Promise<GrievanceRow[]> {
    return classified(() =>
      this.dataSource.manager.find(GrievanceEntity, {
        where: { chainId: this.chainId, account: this.account, status: 'filed' },
        order: { createdAt: 'ASC', requestId: 'ASC', round: 'ASC', item: 'ASC' },
      }),
    );
  }

  find(key: Key): Promise<GrievanceRow | undefined> {
    return classified(async () => {
      return (await this.dataSource.manager.findOneBy(GrievanceEntity, this.#where(key))) ?? undefined;
    });
  }

  settle(key: Key, status: Exclude<GrievanceStatus, 'filed'>, reason?: string): Promise<void> {
    return classified(async () => {
      const changes = { status, reason: reason ?? null, updatedAt: new Date() };
      await this.dataSource.manager.update(GrievanceEntity, this.#where(key), toRow<GrievanceEntity>(changes));
    });
  }

  /** Settled on blocks that may be gone: to be looked at again. */
  reopenSince(since: Date): Promise<void> {
    return classified(async () => {
      await this.dataSource.query(
        `update grievances set status = 'filed', reason = null where chain_id = $1 and account = $2 and updated_at >= $3`,
        [this.chainId, this.account.toLowerCase(), since],
      );
    });
  }

  #where({ requestId, round, item }: Key) {
    return { chainId: this.chainId, account: this.account, requestId, round, item };
  }
}
