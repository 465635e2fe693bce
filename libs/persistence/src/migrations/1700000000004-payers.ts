import type { MigrationInterface, QueryRunner } from 'typeorm';
import { startOver } from './start-over.js';

/**
 * Who paid, so that revenue that a publisher pays to itself can be told from revenue that it earned. The read model is emptied
 * and filled again by the indexer; consumers of the outbox are told by a `reset`.
 */
export class Payers1700000000004 implements MigrationInterface {
  readonly name = 'Payers1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table distributions add column payer text');
    await runner.query(`create table payer_fees_by_day (
      family_id numeric(78,0) not null,
      asset text not null,
      start timestamptz not null,
      payer text not null,
      payment_count bigint not null,
      amount numeric not null,
      holders_amount numeric not null,
      primary key (family_id, asset, start, payer)
    )`);
    await startOver(runner, FILLED_AGAIN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table payer_fees_by_day');
    await runner.query('alter table distributions drop column payer');
  }
}

/** The read model as it was then. */
export const FILLED_AGAIN = [
  ...['blocks', 'raw_logs', 'index_undo', 'families', 'lineage_parties', 'versions', 'prices', 'price_counts'],
  ...['offerings', 'tranches', 'commitments', 'grants', 'tokens', 'holders', 'holdings', 'holder_revenue', 'marks'],
  ...['revenue_by_hour', 'revenue_by_day', 'requests', 'assertions', 'operators', 'enrolments', 'credits'],
  ...['family_credits', 'fees_by_hour', 'fees_by_day', 'commitment_events', 'refunds', 'exits', 'revenue_events'],
  ...['claims', 'redemptions', 'request_inputs', 'callbacks', 'penalties', 'stake_events', 'distributions'],
  ...['lineage_payments', 'withdrawals'],
];
