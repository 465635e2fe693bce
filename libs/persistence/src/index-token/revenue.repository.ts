import type { Address } from '@openimo/domain';
import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';

export type RevenueInterval = 'hour' | 'day';

/** Stands for all tokens together. */
export const ALL_TOKENS: Address = '0x0000000000000000000000000000000000000000';

export interface RevenuePoint {
  readonly token: Address;
  /** Of the hour or day, UTC. */
  readonly start: Date;
  readonly received: bigint;
  readonly claimed: bigint;
  readonly redeemed: bigint;
  readonly receiptCount: number;
}

export interface SeriesQuery {
  readonly asset: Address;
  readonly interval: RevenueInterval;
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

/** Units of `asset`; everything is of the last `days` days. */
export interface RealisedYield {
  readonly token: Address;
  readonly asset: Address;
  readonly days: number;
  readonly received: bigint;
  readonly claimed: bigint;
  /** What a whole token (1e18 units) received for claiming, rounded down. */
  readonly perToken: bigint;
  /**
   * `perToken` over a year of 365 days at this pace, relative to the price of a token in its sale, in basis points, rounded down.
   * Null where the sale was in another asset: there is no price to compare with.
   */
  readonly annualisedBps: bigint | null;
}

/** Sums over the revenue of tokens, from what the indexer has summed by hour and day. */
export class RevenueRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Hours or days in which something happened, in order; at most 1,000 for each of `tokens`. */
  series(tokens: readonly Address[], { asset, interval, from, to }: SeriesQuery): Promise<RevenuePoint[]> {
    return classified(async () => {
      const rows = await this.dataSource.query<Record<string, string>[]>(SERIES[interval], [tokens, asset, from, to]);
      return rows.map((row) => ({
        token: row['token'] as Address,
        start: row['start'] as unknown as Date,
        received: BigInt(row['received']!),
        claimed: BigInt(row['claimed']!),
        redeemed: BigInt(row['redeemed']!),
        receiptCount: Number(row['receipt_count']),
      }));
    });
  }

  /** One row for each of `tokens`, each asset it received, and each of `days`. @param now where the days end */
  realisedYields(tokens: readonly Address[], days: readonly number[], now: Date): Promise<RealisedYield[]> {
    return classified(async () => {
      const rows = await this.dataSource.query<Record<string, string | null>[]>(YIELDS, [tokens, days, now]);
      return rows.map((row) => ({
        token: row['token'] as Address,
        asset: row['asset'] as Address,
        days: Number(row['days']),
        received: BigInt(row['received']!),
        claimed: BigInt(row['claimed']!),
        perToken: BigInt(row['per_token']!),
        annualisedBps: row['annualised_bps'] === null ? null : BigInt(row['annualised_bps']!),
      }));
    });
  }
}

const series = (interval: RevenueInterval) => `
  select r.* from unnest($1::text[]) as k(token) cross join lateral (
    select token, start, received, claimed, redeemed, receipt_count from revenue_by_${interval} b
    where b.token = k.token and b.asset = $2 and b.start >= $3 and b.start < $4
    order by b.start limit 1000
  ) r`;
const SERIES: Readonly<Record<RevenueInterval, string>> = { hour: series('hour'), day: series('day') };

/** The hour in which the days begin counts as a whole. */
const YIELDS = `
  select t.address as token, sums.asset, sums.days, sums.received, sums.claimed,
    coalesce(div(sums.received * t.claimable_bps * 1000000000000000000, 10000 * nullif(t.total_supply, 0)), 0) as per_token,
    case when o.currency = sums.asset then
      div(sums.received * t.claimable_bps * 365 * o.offered, nullif(t.total_supply, 0) * o.hard_cap * sums.days)
    end as annualised_bps
  from tokens t join offerings o on o.address = t.offering
  cross join lateral (
    select b.asset, d.days, sum(b.received) as received, sum(b.claimed) as claimed
    from unnest($2::int[]) as d(days)
    join revenue_by_hour b on b.token = t.address and b.start > $3::timestamptz - make_interval(days => d.days, hours => 1)
    group by b.asset, d.days
  ) sums
  where t.address = any($1)
  order by t.address, sums.asset, sums.days`;
