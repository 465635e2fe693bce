import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a watcher has seen others answer, and what it thinks of it. */
export class Watcher1700000000006 implements MigrationInterface {
  readonly name = 'Watcher1700000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table watched_answers (
        chain_id bigint not null,
        watcher text not null check (watcher = lower(watcher)),
        request_id numeric(78,0) not null,
        round bigint not null,
        version_id numeric(78,0) not null,
        operator text not null check (operator = lower(operator)),
        output_root text not null check (output_root = lower(output_root)),
        block_number bigint not null,
        block_hash text not null check (block_hash = lower(block_hash)),
        final_at timestamptz not null,
        status text not null check (status in ('waiting', 'right', 'wrong', 'unjudgeable', 'missed', 'void')),
        item bigint,
        trouble jsonb,
        attempts bigint not null,
        next_attempt_at timestamptz not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (chain_id, watcher, request_id, round)
      )`);
    await runner.query(`
      create index watched_answers_waiting on watched_answers (chain_id, watcher, final_at) where status = 'waiting'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table watched_answers');
  }
}
