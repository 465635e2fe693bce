import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a node needs to play disputes: what the game announced, and what it itself found wrong. */
export class DisputePlay1700000000005 implements MigrationInterface {
  readonly name = 'DisputePlay1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table game_events (
        chain_id bigint not null,
        account text not null check (account = lower(account)),
        block_number bigint not null,
        log_index bigint not null,
        block_time timestamptz not null,
        name text not null,
        args jsonb not null,
        primary key (chain_id, account, block_number, log_index)
      )`);
    await runner.query(`create index game_events_time on game_events (chain_id, account, block_time)`);
    await runner.query(`
      create table grievances (
        chain_id bigint not null,
        account text not null check (account = lower(account)),
        request_id numeric(78,0) not null,
        round bigint not null,
        item bigint not null,
        version_id numeric(78,0) not null,
        answer jsonb not null,
        status text not null check (status in ('filed', 'won', 'lost', 'dropped')),
        reason text,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (chain_id, account, request_id, round, item)
      )`);
    await runner.query(`create index grievances_status on grievances (chain_id, account, status)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['grievances', 'game_events']) await runner.query(`drop table ${table}`);
  }
}
