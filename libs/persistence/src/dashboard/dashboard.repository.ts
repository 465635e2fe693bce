import type { Address } from '@openimo/domain';
import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import { preparedQuery } from '../database/prepared-query.js';

/** JSON as the database makes it: amounts are decimal strings, instants are ISO texts. */
export interface DashboardRow {
  readonly indexedBlock: string | null;
  readonly indexedAt: string | null;
  readonly holdings: readonly DashboardHolding[];
  readonly commitments: readonly DashboardCommitment[];
  readonly claims: readonly DashboardClaim[];
  readonly revenue: readonly DashboardRevenue[];
  readonly platformRevenue: readonly DashboardRevenue[];
}

export interface DashboardHolding {
  readonly token: Address;
  readonly name: string;
  readonly symbol: string;
  readonly familyId: string;
  readonly balance: string;
  readonly totalSupply: string;
  readonly holderCount: number;
  readonly claimed: string;
}

export interface DashboardCommitment {
  readonly offering: Address;
  readonly symbol: string;
  readonly status: string;
  readonly committed: string;
  readonly accepted: string;
  readonly refund: string;
  readonly tokens: string;
}

export interface DashboardClaim {
  readonly token: Address;
  readonly asset: Address;
  readonly amount: string;
  readonly at: string;
}

export interface DashboardRevenue {
  readonly start: string;
  readonly received: string;
  readonly claimed: string;
}

/** All that an investor's first page shows, by one statement: five statements take twice as long. */
export class DashboardRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @param days of revenue in ETH, by day, the present one included; summed over the account's tokens, and over all tokens */
  read(account: Address, days: number): Promise<DashboardRow> {
    return classified(async () => {
      const [row] = await preparedQuery<{ dashboard: DashboardRow }>(this.dataSource, 'dashboard', DASHBOARD, [
        account,
        days,
      ]);
      return row!.dashboard;
    });
  }
}

const ETH = "'0x0000000000000000000000000000000000000000'";

/** Of the start of a day, as JavaScript writes instants. */
const midnight = (start: string) => `(${start} at time zone 'UTC')::date || 'T00:00:00.000Z'`;

/** The benchmark sends it too, from a server that does nothing else. */
export const DASHBOARD = `
  with held as materialized (
    select h.token, h.balance, t.name, t.symbol, t.family_id, t.total_supply, t.holder_count
    from holdings h join tokens t on t.address = h.token
    where h.holder = $1 and h.balance > 0
    order by h.balance desc, h.token limit 20
  ),
  since as materialized (select date_trunc('day', now(), 'UTC') - make_interval(days => $2::int - 1) as start)
  select json_build_object(
    'indexedBlock', (select max(block_number)::text from index_state),
    'indexedAt', (select max(block_at) from index_state),
    'holdings', (
      select coalesce(json_agg(json_build_object(
        'token', h.token, 'name', h.name, 'symbol', h.symbol, 'familyId', h.family_id::text, 'balance', h.balance::text,
        'totalSupply', h.total_supply::text, 'holderCount', h.holder_count, 'claimed', coalesce(r.claimed, 0)::text
      ) order by h.balance desc, h.token), '[]')
      from held h left join holder_revenue r on r.token = h.token and r.holder = $1 and r.asset = ${ETH}
    ),
    'commitments', (
      select coalesce(json_agg(json_build_object(
        'offering', c.offering, 'symbol', c.symbol, 'status', c.status, 'committed', c.committed::text,
        'accepted', c.accepted::text, 'refund', c.refund::text, 'tokens', c.tokens::text
      ) order by c.first_block desc, c.offering), '[]')
      from (
        select x.offering, t.symbol, o.status, x.committed, x.accepted, x.refund, x.tokens, k.first_block
        from commitments k join outcomes x on x.offering = k.offering and x.buyer = k.buyer
        join offerings o on o.address = k.offering join tokens t on t.address = o.token
        where k.buyer = $1 order by k.first_block desc, k.offering limit 20
      ) c
    ),
    'claims', (
      select coalesce(json_agg(json_build_object('token', c.token, 'asset', c.asset, 'amount', c.amount::text, 'at', c.at)
        order by c.block_number desc, c.log_index desc), '[]')
      from (
        select token, asset, amount, at, block_number, log_index from claims where account = $1
        order by block_number desc, log_index desc limit 10
      ) c
    ),
    'revenue', (
      select coalesce(json_agg(json_build_object(
        'start', ${midnight('d.start')}, 'received', d.received::text, 'claimed', d.claimed::text
      ) order by d.start), '[]')
      from (
        select b.start, sum(b.received) as received, sum(b.claimed) as claimed
        from held h cross join since join revenue_by_day b on b.token = h.token and b.asset = ${ETH} and b.start >= since.start
        group by b.start
      ) d
    ),
    'platformRevenue', (
      select coalesce(json_agg(json_build_object(
        'start', ${midnight('b.start')}, 'received', b.received::text, 'claimed', b.claimed::text
      ) order by b.start), '[]')
      from since join revenue_by_day b on b.token = ${ETH} and b.asset = ${ETH} and b.start >= since.start
    )
  ) as dashboard`;
