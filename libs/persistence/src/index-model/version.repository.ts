import type { Address, Hex } from '@openimo/domain';
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

  /** @param minStake what an operator must hold that is not on its way out, in wei */
  attestationsOf(versionIds: readonly bigint[], minStake: bigint): Promise<Attestation[]> {
    return classified(async () => {
      const parameters = [versionIds.map(String), minStake.toString()];
      const rows = await this.dataSource.query<AttestationRow[]>(ATTESTATIONS, parameters);
      return rows.map(({ version_id, operator, model_root, enrolled_at, counts }) => ({
        ...{ versionId: BigInt(version_id), operator, modelRoot: model_root, attestedAt: enrolled_at, counts },
      }));
    });
  }

  /** How many attestations count. @returns no row for a version without any */
  attestationCounts(versionIds: readonly bigint[], minStake: bigint): Promise<AttestationCount[]> {
    return classified(async () => {
      const parameters = [versionIds.map(String), minStake.toString()];
      const rows = await this.dataSource.query<Record<string, string>[]>(ATTESTATION_COUNTS, parameters);
      return rows.map((row) => ({ versionId: BigInt(row['version_id']!), count: Number(row['count']) }));
    });
  }
}

export interface AttestationCount {
  readonly versionId: bigint;
  readonly count: number;
}

interface AttestationRow {
  version_id: string;
  operator: Address;
  model_root: Hex;
  enrolled_at: Date;
  counts: boolean;
}

/** An operator that is enrolled now and says that it recomputed the model root from the file. */
export interface Attestation {
  readonly versionId: bigint;
  readonly operator: Address;
  readonly modelRoot: Hex;
  readonly attestedAt: Date;
  /** Whether it adds to the tier: it published neither the version nor for its family, and holds the least stake. */
  readonly counts: boolean;
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

/** As `ModelRegistry.tierOf` counts them; it stops looking after 32 operators. */
const ATTESTED = `
  from enrolments e
    join versions v on v.version_id = e.version_id
    join families f on f.family_id = v.family_id
    join operators o on o.address = e.operator,
    lateral (select e.operator not in (f.publisher, v.published_by) and o.stake - o.exiting >= $2::numeric as counts) as c
  where e.version_id = any($1::numeric[]) and e.left_at is null and e.model_root = v.model_root`;
const ATTESTATIONS = `
  select e.version_id, e.operator, e.model_root, e.enrolled_at, c.counts ${ATTESTED} order by e.enrolled_at, e.operator`;
const ATTESTATION_COUNTS = `select e.version_id, count(*) ${ATTESTED} and c.counts group by e.version_id`;
