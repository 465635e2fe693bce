import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people bring: who signed in, their keys, drafts and uploads, their webhooks, and documents fetched for them. */
export class Account1700000000003 implements MigrationInterface {
  readonly name = 'Account1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(table);
    for (const index of INDICES) await runner.query(`create index ${index}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES.toReversed()) await runner.query(`drop table ${table.trimStart().split(' ')[2]}`);
  }
}

const TABLES: readonly string[] = [
  `create table accounts (
      account text not null check (account = lower(account)),
      primary key (account)
  )`,
  `create table used_nonces (
      nonce text not null,
      expires_at timestamptz not null,
      primary key (nonce)
  )`,
  `create table sessions (
      session_id text not null,
      account text not null check (account = lower(account)),
      token_hash text not null unique,
      user_agent text not null,
      created_at timestamptz not null,
      last_seen_at timestamptz not null,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      primary key (session_id)
  )`,
  `create table api_keys (
      key_id text not null,
      account text not null check (account = lower(account)),
      name text not null,
      secret_hash text not null,
      previous_secret_hash text,
      previous_expires_at timestamptz,
      scopes jsonb not null,
      budget bigint check (budget >= 0),
      period_seconds bigint not null check (period_seconds > 0),
      created_at timestamptz not null,
      rotated_at timestamptz,
      last_used_at timestamptz,
      expires_at timestamptz,
      revoked_at timestamptz,
      primary key (key_id)
  )`,
  `create table api_key_usage (
      key_id text not null references api_keys on delete cascade,
      period_start timestamptz not null,
      spent bigint not null check (spent >= 0),
      charge_count bigint not null,
      primary key (key_id, period_start)
  )`,
  `create table model_drafts (
      draft_id text not null,
      account text not null check (account = lower(account)),
      name text not null,
      family_id numeric(78,0),
      family_terms jsonb,
      licence text not null,
      card text not null,
      card_uri text not null,
      prices jsonb not null,
      file_hash text,
      file_size bigint,
      check_status text not null check (check_status in ('none', 'accepted', 'refused')),
      check_report jsonb,
      check_refusal jsonb,
      checked_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (draft_id)
  )`,
  `create table uploads (
      upload_id text not null,
      account text not null check (account = lower(account)),
      draft_id text not null references model_drafts on delete cascade,
      size_bytes bigint not null check (size_bytes > 0),
      received_bytes bigint not null check (received_bytes between 0 and size_bytes),
      sha256 text,
      metadata jsonb not null,
      status text not null check (status in ('open', 'complete', 'refused')),
      refusal jsonb,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      expires_at timestamptz not null,
      primary key (upload_id)
  )`,
  `create table webhooks (
      webhook_id text not null,
      account text not null check (account = lower(account)),
      url text not null,
      events jsonb not null,
      secret text not null,
      active boolean not null,
      failure_count bigint not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (webhook_id)
  )`,
  `create table webhook_deliveries (
      delivery_id text not null,
      webhook_id text not null references webhooks on delete cascade,
      event_id text not null,
      body text not null,
      status text not null check (status in ('pending', 'delivered', 'failed')),
      attempts bigint not null,
      next_attempt_at timestamptz not null,
      response_status bigint,
      error text,
      created_at timestamptz not null,
      delivered_at timestamptz,
      primary key (delivery_id),
      unique (webhook_id, event_id)
  )`,
  `create table outbox_cursors (
      consumer text not null,
      position bigint not null,
      primary key (consumer)
  )`,
  `create table metadata_documents (
      uri text not null,
      hash text not null check (hash = lower(hash)),
      status text not null check (status in ('fetched', 'failed')),
      content bytea,
      error jsonb,
      attempts bigint not null,
      next_attempt_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (uri, hash)
  )`,
];

const INDICES: readonly string[] = [
  'used_nonces_by_expiry on used_nonces (expires_at)',
  'sessions_by_account on sessions (account, created_at)',
  'api_keys_by_account on api_keys (account, created_at)',
  'model_drafts_by_account on model_drafts (account, created_at)',
  'uploads_by_account on uploads (account, status)',
  'uploads_by_draft on uploads (draft_id)',
  "uploads_open on uploads (expires_at) where status = 'open'",
  'webhooks_by_account on webhooks (account, created_at)',
  'webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, created_at)',
  "webhook_deliveries_due on webhook_deliveries (next_attempt_at) where status = 'pending'",
];
