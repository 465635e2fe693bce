import type { DataSource } from 'typeorm';
import type { Address } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { GrievanceEntity, type GrievanceStatus } from './grievance.entity.js';

export type GrievanceRow = Omit<GrievanceEntity, 'chainId' | 'account'>;
export type NewGrievance = Pick<GrievanceRow, 'requestId' | 'round' | 'item' | 'versionId' | 'blockNumber' | 'answer'>;
type Key = Pick<GrievanceRow, 'requestId' | 'round' | 'item'>;

/** What one account found wrong. */
export class GrievanceRepository {
  constructor(
    private readonly dataSource: DataSource,
    readonly chainId: number,
    readonly account: Address,
  ) {}

  /**
   * Filed again, it stays what it was, but that one that was dropped is tried again, and that of two answers the one counts that was
   * seen later: a reorganisation may have put it in the place of the other.
   */
  add(grievance: NewGrievance): Promise<void> {
    return classified(async () => {
      const { requestId, round, item, versionId, blockNumber, answer } = grievance;
      await this.dataSource.query(
        `insert into grievances
           (chain_id, account, request_id, round, item, version_id, block_number, answer, status, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'filed', $9, $9)
         on conflict (chain_id, account, request_id, round, item) do update
         set version_id = excluded.version_id, block_number = excluded.block_number, answer = excluded.answer,
             status = 'filed', reason = null, updated_at = excluded.updated_at
         where grievances.block_number <= excluded.block_number
           and (grievances.status in ('filed', 'dropped') or grievances.answer <> excluded.answer)`,
        [
          ...[this.chainId, this.account.toLowerCase(), requestId.toString(), round, item, versionId.toString()],
          ...[blockNumber.toString(), JSON.stringify(answer), new Date()],
        ],
      );
    });
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

  settle(key: Key, status: Extract<GrievanceStatus, 'won' | 'lost'>, reason?: string): Promise<void> {
    return classified(async () => {
      const changes = { status, reason: reason ?? null, updatedAt: new Date() };
      await this.dataSource.manager.update(GrievanceEntity, this.#where(key), toRow<GrievanceEntity>(changes));
    });
  }

  /** @returns whether it is as it was read still: filed again meanwhile, it is not dropped */
  drop({ updatedAt, ...grievance }: GrievanceRow, reason: string): Promise<boolean> {
    return classified(async () => {
      const { affected } = await this.dataSource.manager.update(
        GrievanceEntity,
        { ...this.#where(grievance), status: 'filed', updatedAt },
        { status: 'dropped', reason, updatedAt: new Date() },
      );
      return affected === 1;
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
