import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an operator needs: where it is on the chain, what it was asked, what it signed. */
export class Operator1700000000001 implements MigrationInterface {
  readonly name = 'Operator1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table chains (
        chain_id bigint primary key,
        genesis_hash text not null check (genesis_hash = lower(genesis_hash))
      )`);
    await runner.query(`
      create table chain_cursor (
        chain_id bigint not null,
        consumer text not null,
        block_number bigint not null,
        block_hash text not null check (block_hash = lower(block_hash)),
        primary key (chain_id, consumer, block_number)
      )`);
    await runner.query(`
      create table signing_accounts (
        chain_id bigint not null,
        account text not null check (account = lower(account)),
        generation bigint not null,
        holder text not null,
        lease_until timestamptz not null,
        primary key (chain_id, account)
      )`);
    await runner.query(`
      create table transactions (
        chain_id bigint not null,
        account text not null check (account = lower(account)),
        nonce bigint not null check (nonce >= 0),
        key text not null,
        to_address text check (to_address = lower(to_address)),
        data bytea not null,
        value numeric(78,0) not null check (value >= 0),
        gas_limit bigint not null,
        max_fee_per_gas numeric(78,0) not null,
        max_priority_fee_per_gas numeric(78,0) not null,
        raw_transaction bytea not null,
        hashes jsonb not null,
        cancel_hashes jsonb not null,
        status text not null check (status in ('prepared', 'broadcast', 'mined', 'confirmed', 'failed', 'cancelled')),
        mined_hash text,
        block_number bigint,
        block_hash text,
        receipt_status text check (receipt_status in ('success', 'reverted')),
        gas_used bigint,
        error jsonb,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        broadcast_at timestamptz,
        primary key (chain_id, account, nonce),
        unique (chain_id, account, key)
      )`);
    await runner.query(`
      create index transactions_unsettled on transactions (chain_id, account, nonce)
      where status in ('prepared', 'broadcast', 'mined')`);
    await runner.query(`
      create table jobs (
        chain_id bigint not null,
        operator text not null check (operator = lower(operator)),
        request_id numeric(78,0) not null,
        version_id numeric(78,0) not null,
        status text not null check (status in ('open', 'computed', 'asserting', 'asserted', 'finalizing', 'final',
          'superseded', 'refunded', 'voided', 'failed')),
        account text not null check (account = lower(account)),
        batch_size bigint not null,
        input bytea not null,
        callback_contract text not null check (callback_contract = lower(callback_contract)),
        callback_gas_limit bigint not null,
        callback_data bytea not null,
        options jsonb not null,
        block_number bigint not null,
        block_hash text not null,
        deadline timestamptz not null,
        final_at timestamptz,
        round bigint not null,
        outputs jsonb,
        error jsonb,
        attempts bigint not null,
        next_attempt_at timestamptz not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (chain_id, operator, request_id)
      )`);
    await runner.query(`create index jobs_due on jobs (chain_id, operator, status, next_attempt_at, request_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['jobs', 'transactions', 'signing_accounts', 'chain_cursor', 'chains']) {
      await runner.query(`drop table ${table}`);
    }
  }
}
