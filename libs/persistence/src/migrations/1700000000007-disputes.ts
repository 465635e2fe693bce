import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FILLED_AGAIN } from './1700000000004-payers.js';
import { startOver } from './start-over.js';

/** Disputes move by move, and what text versions have. The read model is emptied and filled again by the indexer. */
export class Disputes1700000000007 implements MigrationInterface {
  readonly name = 'Disputes1700000000007';

  async up(runner: QueryRunner): Promise<void> {
    await startOver(runner, [...FILLED_AGAIN, 'payer_fees_by_day']);
    for (const table of TABLES) await runner.query(table);
    for (const index of INDICES) await runner.query(`create index ${index}`);
    for (const column of COLUMNS) await runner.query(`alter table ${column.replace(' ', ' add column ')}`);
    await allowSources(runner, ['router', 'oracle', 'disputes']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await forgetSource(runner, 'disputes');
    await allowSources(runner, ['router', 'oracle']);
    for (const column of COLUMNS.toReversed()) {
      const [table, name] = column.split(' ');
      await runner.query(`alter table ${table} drop column ${name}`);
    }
    for (const table of TABLES.toReversed()) await runner.query(`drop table ${table.split(' ')[2]}`);
  }
}

/** Where money comes from that can be withdrawn. */
export async function allowSources(runner: QueryRunner, sources: readonly string[]): Promise<void> {
  for (const table of PAID) {
    await runner.query(`alter table ${table} drop constraint ${table}_source_check`);
    const list = sources.map((source) => `'${source}'`).join(', ');
    await runner.query(`alter table ${table} add constraint ${table}_source_check check (source in (${list}))`);
  }
}

export async function forgetSource(runner: QueryRunner, source: string): Promise<void> {
  for (const table of PAID) await runner.query(`delete from ${table} where source = '${source}'`);
}

const PAID = ['credits', 'withdrawals'] as const;

/** Empty tables take columns that are never null. */
const COLUMNS = [
  'versions context bigint',
  'requests reopened_at timestamptz',
  'assertions dispute_count bigint not null',
  'assertions open_dispute_count bigint not null',
  'operators dispute_count bigint not null',
  'operators dispute_won_count bigint not null',
] as const;

export const DISPUTE_TABLES = ['disputes', 'docket_entries', 'traces', 'dispute_moves'] as const;

const PHASES = ['awaitTrace', 'awaitPick', 'awaitReveal', 'awaitProof', 'operatorLost', 'challengerLost', 'moot'];
const KINDS = ['challenged', 'picked', 'revealed', 'chunkRevealed', 'operatorConvicted', 'challengeLost'];

const TABLES = [
  `create table disputes (
    dispute_id text not null,
    request_id numeric(78,0) not null,
    round bigint not null,
    item bigint not null,
    version_id numeric(78,0) not null,
    family_id numeric(78,0) not null,
    challenger text not null,
    operator text not null,
    phase text not null,
    turn text,
    deadline timestamptz,
    clock bigint not null,
    operator_left bigint not null,
    challenger_left bigint not null,
    since timestamptz not null,
    node bigint,
    position bigint not null,
    width bigint not null,
    move_count bigint not null,
    bond numeric(78,0) not null,
    lost_bond numeric(78,0),
    gas_share numeric(78,0),
    reward numeric(78,0),
    burned numeric(78,0),
    out_of_time boolean,
    opened_block bigint not null,
    opened_transaction text not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    closed_transaction text,
    primary key (dispute_id),
    check (phase in ('${PHASES.join("', '")}')),
    check (turn in ('operator', 'challenger'))
  )`,
  `create table docket_entries (
    request_id numeric(78,0) not null,
    round bigint not null,
    number bigint not null,
    dispute_id text not null,
    primary key (request_id, round, number)
  )`,
  `create table traces (
    request_id numeric(78,0) not null,
    round bigint not null,
    item bigint not null,
    root text not null,
    children jsonb not null,
    block_number bigint not null,
    log_index bigint not null,
    transaction_hash text not null,
    at timestamptz not null,
    primary key (request_id, round, item)
  )`,
  `create table dispute_moves (
    block_number bigint not null,
    log_index bigint not null,
    transaction_hash text not null,
    at timestamptz not null,
    dispute_id text not null,
    kind text not null,
    operator_left bigint not null,
    challenger_left bigint not null,
    child text,
    child_index bigint,
    node bigint,
    children jsonb,
    chunk bytea,
    chunk_index bigint,
    primary key (block_number, log_index),
    check (kind in ('${KINDS.join("', '")}'))
  )`,
] as const;

const INDICES = [
  'disputes_by_request on disputes (request_id, round)',
  'disputes_by_operator on disputes (operator, opened_block)',
  'disputes_by_challenger on disputes (challenger, opened_block)',
  'disputes_by_version on disputes (version_id, opened_block)',
  'disputes_by_family on disputes (family_id, opened_block)',
  'disputes_by_age on disputes (opened_block, dispute_id)',
  'disputes_undecided on disputes (deadline, dispute_id) where deadline is not null',
  'dispute_moves_by_dispute on dispute_moves (dispute_id, block_number, log_index)',
] as const;
