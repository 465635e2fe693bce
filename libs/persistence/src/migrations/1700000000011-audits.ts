import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FILLED_AGAIN } from './1700000000004-payers.js';
import { allowSources, DISPUTE_TABLES, forgetSource } from './1700000000007-disputes.js';
import { startOver } from './start-over.js';

/** Audits and what their auditors found. The read model is emptied and filled again by the indexer. */
export class Audits1700000000011 implements MigrationInterface {
  readonly name = 'Audits1700000000011';

  async up(runner: QueryRunner): Promise<void> {
    await startOver(runner, [...FILLED_AGAIN, 'payer_fees_by_day', ...DISPUTE_TABLES]);
    for (const table of TABLES) await runner.query(table);
    for (const index of INDICES) await runner.query(`create index ${index}`);
    await allowSources(runner, ['router', 'oracle', 'disputes', 'audits']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await forgetSource(runner, 'audits');
    await allowSources(runner, ['router', 'oracle', 'disputes']);
    await runner.query('drop table audit_runs');
    await runner.query('drop table audits');
  }
}

const TABLES = [
  `create table audits (
    audit_id text not null,
    request_id numeric(78,0) not null,
    round bigint not null,
    version_id numeric(78,0) not null,
    family_id numeric(78,0) not null,
    operator text not null,
    item bigint,
    asset text not null,
    share numeric(78,0) not null,
    auditor_count bigint not null,
    commit_until timestamptz not null,
    reveal_until timestamptz not null,
    convicted boolean,
    selected_block bigint not null,
    selected_transaction text not null,
    selected_at timestamptz not null,
    settled_at timestamptz,
    primary key (audit_id)
  )`,
  `create table audit_runs (
    audit_id text not null,
    auditor text not null,
    place bigint not null,
    stance text not null,
    commitment text,
    trace_root text,
    output_root text,
    paid numeric(78,0) not null,
    missed boolean not null,
    forfeited numeric(78,0) not null,
    committed_at timestamptz,
    revealed_at timestamptz,
    primary key (audit_id, auditor),
    check (stance in ('drawn', 'committed', 'confirmed', 'denied'))
  )`,
] as const;

const INDICES = [
  'audits_by_request on audits (request_id, round)',
  'audits_by_version on audits (version_id, selected_block)',
  'audits_by_age on audits (selected_block, audit_id)',
  'audit_runs_by_auditor on audit_runs (auditor, audit_id)',
] as const;
