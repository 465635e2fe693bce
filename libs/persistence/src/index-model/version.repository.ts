import type { Address } from '@openimo/domain';
import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import { ReadTable } from '../query/read-table.js';
import { VersionEntity } from './version.entity.js';

export class VersionRepository extends ReadTable<VersionEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, VersionEntity);
  }

  /**
   * What an inference costs, per asset that the version can be paid in.
   * @param at the moment that "now" means
   */
  pricesOf(versionIds: readonly bigint[], at: Date): Promise<VersionPrice[]> {
    return classified(async () => {
      const rows = await this.dataSource.query<Record<string, string & Date>[]>(PRICES, [versionIds.map(String), at]);
      return rows.map((row) => ({
        versionId: BigInt(row['version_id']!),
        asset: row['asset']! as unknown as Address,
        amount: row['amount'] === null ? null : BigInt(row['amount']!),
        scheduledAmount: row['scheduled_amount'] === null ? null : BigInt(row['scheduled_amount']!),
        scheduledAt: row['scheduled_at'] ?? null,
      }));
    });
  }
}

/** In units of the asset (ETH: the zero address). */
export interface VersionPrice {
  readonly versionId: bigint;
  readonly asset: Address;
  /** Now. Null before the first price takes effect. */
  readonly amount: bigint | null;
  /** Announced, and not yet in force. */
  readonly scheduledAmount: bigint | null;
  readonly scheduledAt: Date | null;
}

const PRICES = `
  select version_id, asset,
    (array_agg(amount order by number desc) filter (where effective_at <= $2))[1] as amount,
    (array_agg(amount order by number desc) filter (where effective_at > $2))[1] as scheduled_amount,
    (array_agg(effective_at order by number desc) filter (where effective_at > $2))[1] as scheduled_at
  from prices
  where version_id = any($1::numeric[]) and not superseded
  group by version_id, asset
  order by version_id, asset`;
