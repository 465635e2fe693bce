import type { Address } from '@openimo/domain';
import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import type { RevenueInterval, SeriesQuery } from '../index-token/revenue.repository.js';
import { ReadTable } from '../query/read-table.js';
import { CreditEntity } from './credit.entity.js';
import { DistributionEntity } from './distribution.entity.js';
import { FamilyCreditEntity } from './family-credit.entity.js';

export interface FeePoint {
  readonly familyId: bigint;
  readonly start: Date;
  readonly paymentCount: number;
  readonly amount: bigint;
  readonly operatorAmount: bigint;
  readonly publisherAmount: bigint;
  readonly lineageAmount: bigint;
  readonly protocolAmount: bigint;
  readonly holdersAmount: bigint;
}

/**
 * What a family earned in an asset over some days, and how much of it is organic: paid by accounts that have no part in it.
 *
 * Left out of `organic` is what was paid by its publisher (or who is to become it), by an operator that is or was enrolled for one of
 * its versions, by a contributor of its lineage, by a holder of more than 1 % of its token's supply, and by a payer whom no event names.
 * Parts and holdings are those of now. A publisher with many wallets can still pay itself: all it costs are the protocol's and the
 * operators' shares.
 */
export interface OrganicRevenue {
  readonly familyId: bigint;
  readonly asset: Address;
  /** Of whole days (UTC), the first included. */
  readonly days: number;
  readonly total: bigint;
  readonly organic: bigint;
  /** Distinct organic payers. */
  readonly payerCount: number;
  /** The largest organic payer's share of `organic`, in basis points, rounded down. */
  readonly largestPayerBps: number;
}

/** Payments down the waterfalls. */
export class FeeRepository extends ReadTable<DistributionEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, DistributionEntity);
  }

  /** Hours or days with payments, in order; at most 1,000 for each of `familyIds`. Family 0: all together. */
  series(familyIds: readonly bigint[], { asset, interval, from, to }: SeriesQuery): Promise<FeePoint[]> {
    return classified(async () => {
      const values = [familyIds.map(String), asset, from, to];
      const rows = await this.dataSource.query<Record<string, string>[]>(SERIES[interval], values);
      return rows.map((row) => ({
        familyId: BigInt(row['family_id']!),
        start: row['start'] as unknown as Date,
        paymentCount: Number(row['payment_count']),
        amount: BigInt(row['amount']!),
        operatorAmount: BigInt(row['operator_amount']!),
        publisherAmount: BigInt(row['publisher_amount']!),
        lineageAmount: BigInt(row['lineage_amount']!),
        protocolAmount: BigInt(row['protocol_amount']!),
        holdersAmount: BigInt(row['holders_amount']!),
      }));
    });
  }

  /** One row for each family and asset with payments in the time. @param now where the days end */
  organicRevenues(familyIds: readonly bigint[], days: number, now: Date): Promise<OrganicRevenue[]> {
    return classified(async () => {
      const rows = await this.dataSource.query<Record<string, string>[]>(ORGANIC, [familyIds.map(String), days, now]);
      return rows.map((row) => ({
        familyId: BigInt(row['family_id']!),
        asset: row['asset'] as Address,
        days,
        total: BigInt(row['total']!),
        organic: BigInt(row['organic']!),
        payerCount: Number(row['payer_count']),
        largestPayerBps: Number(row['largest_payer_bps']),
      }));
    });
  }
}

/** What accounts can withdraw. */
export class CreditRepository extends ReadTable<CreditEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, CreditEntity);
  }
}

export class FamilyCreditRepository extends ReadTable<FamilyCreditEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, FamilyCreditEntity);
  }
}

const series = (interval: RevenueInterval) => `
  select r.* from unnest($1::numeric[]) as k(family_id) cross join lateral (
    select * from fees_by_${interval} b
    where b.family_id = k.family_id and b.asset = $2 and b.start >= $3 and b.start < $4
    order by b.start limit 1000
  ) r`;
const SERIES: Readonly<Record<RevenueInterval, string>> = { hour: series('hour'), day: series('day') };

const ORGANIC = `
  with span as (select date_trunc('day', $3::timestamptz, 'UTC') - make_interval(days => $2::int - 1) as start),
  payers as (
    select p.family_id, p.asset, p.payer, sum(p.amount) as amount,
      p.payer in (f.publisher, f.pending_publisher) is true
      or exists (
        select 1 from enrolments e join versions v on v.version_id = e.version_id
        where e.operator = p.payer and v.family_id = p.family_id
      )
      or exists (select 1 from lineage_parties l where l.family_id = p.family_id and l.contributor = p.payer)
      or exists (
        select 1 from holdings h join tokens t on t.address = h.token
        where h.token = f.token and h.holder = p.payer and h.balance * 100 > t.total_supply
      ) as linked
    from payer_fees_by_day p join families f on f.family_id = p.family_id, span
    where p.family_id = any($1::numeric[]) and p.start >= span.start
    group by p.family_id, p.asset, p.payer, f.publisher, f.pending_publisher, f.token
  ),
  organic as (
    select family_id, asset, sum(amount) as organic, count(*) as payer_count, max(amount) as largest
    from payers where not linked group by family_id, asset
  )
  select b.family_id, b.asset, sum(b.amount) as total, coalesce(max(o.organic), 0) as organic,
    coalesce(max(o.payer_count), 0) as payer_count,
    coalesce(div(10000 * max(o.largest), nullif(max(o.organic), 0)), 0) as largest_payer_bps
  from fees_by_day b left join organic o on o.family_id = b.family_id and o.asset = b.asset, span
  where b.family_id = any($1::numeric[]) and b.start >= span.start
  group by b.family_id, b.asset
  order by b.family_id, b.asset`;
