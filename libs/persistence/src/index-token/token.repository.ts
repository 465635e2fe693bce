import type { Address } from '@openimo/domain';
import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import { ReadTable } from '../query/read-table.js';
import { ClaimEntity } from './claim.entity.js';
import { HolderRevenueEntity } from './holder-revenue.entity.js';
import { HoldingEntity } from './holding.entity.js';
import { RevenueEventEntity } from './revenue-event.entity.js';
import { TokenEntity } from './token.entity.js';

export class TokenRepository extends ReadTable<TokenEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, TokenEntity);
  }

  /** In whose hands the tokens are. Those without any in circulation are left out. */
  concentrations(tokens: readonly Address[]): Promise<Concentration[]> {
    return classified(async () => {
      const rows = await this.dataSource.query<Record<string, string>[]>(CONCENTRATIONS, [tokens]);
      return rows.map((row) => ({
        token: row['token'] as Address,
        circulating: BigInt(row['circulating']!),
        top10Bps: Number(row['top10_bps']),
        top100Bps: Number(row['top100_bps']),
        largestBps: Number(row['largest_bps']),
        herfindahl: Number(row['herfindahl']),
      }));
    });
  }
}

/**
 * Shares of the circulating supply: the total without what sale and escrow of the token hold. Basis points, rounded down.
 *
 * `herfindahl` is the Herfindahl-Hirschman index, the sum of squared shares in percent: 10,000 for a single holder. It counts the
 * 1,000 largest holders; the others together would add less than a tenth of the share of the thousandth, in percent.
 */
export interface Concentration {
  readonly token: Address;
  readonly circulating: bigint;
  readonly top10Bps: number;
  readonly top100Bps: number;
  readonly largestBps: number;
  readonly herfindahl: number;
}

const CONCENTRATIONS = `
  select c.address as token, c.circulating, parts.*
  from (
    select t.address, t.offering, t.escrow, t.total_supply - coalesce(
      (select sum(h.balance) from holdings h where h.token = t.address and h.holder in (t.offering, t.escrow)), 0
    ) as circulating
    from tokens t where t.address = any($1)
  ) c cross join lateral (
    select
      div(10000 * coalesce(sum(balance) filter (where rank <= 10), 0), c.circulating) as top10_bps,
      div(10000 * coalesce(sum(balance) filter (where rank <= 100), 0), c.circulating) as top100_bps,
      div(10000 * coalesce(max(balance), 0), c.circulating) as largest_bps,
      div(10000 * coalesce(sum(balance * balance), 0), c.circulating * c.circulating) as herfindahl
    from (
      select balance, row_number() over (order by balance desc) as rank
      from holdings h
      where h.token = c.address and h.balance > 0 and h.holder <> c.offering and h.holder <> c.escrow
      order by balance desc limit 1000
    ) largest
  ) parts
  where c.circulating > 0`;

export class HoldingRepository extends ReadTable<HoldingEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, HoldingEntity);
  }
}

/** What accounts were paid by tokens. */
export class HolderRevenueRepository extends ReadTable<HolderRevenueEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, HolderRevenueEntity);
  }
}

export class RevenueEventRepository extends ReadTable<RevenueEventEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, RevenueEventEntity);
  }
}

export class ClaimRepository extends ReadTable<ClaimEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, ClaimEntity);
  }
}
