// Fills the read model with what a platform of some years would have: few tokens have most of the holders, revenue and trade.
const TOKENS = 200;
const DAYS = 365;

const address = (prefix, number) => `'0x' || '${prefix}' || lpad(to_hex(${number}), ${40 - prefix.length}, '0')`;
const holder = (number) => address('aa', number);
const token = (number) => address('bb', number);
/** 1 to `n`, the small ones far more often: a power law. */
const skewed = (n, power) => `1 + floor(${n} * power(random(), ${power}))::bigint`;

/** @returns the address of holder `number`, 1 to `holders` */
export const holderAddress = (number) => `0xaa${number.toString(16).padStart(38, '0')}`;

/**
 * @param client of `pg`, on a database with our schema and nothing in it
 * @param log called with what is done next
 */
export async function fill(client, { holders, revenueRows }, log = () => undefined) {
  const run = async (what, sql) => {
    log(what);
    await client.query(sql);
  };
  await client.query('select setseed(0.42)');
  // Crash safety and indices come at the end, or never: this database is dropped.
  for (const table of ['revenue_events', 'holdings', 'holders', 'holder_revenue', 'claims', 'commitments']) {
    await client.query(`alter table ${table} set unlogged`);
  }
  const indices = await dropIndices(client, ['revenue_events', 'holdings', 'holder_revenue', 'claims']);

  await run(
    'state',
    `insert into index_state (chain_id, genesis_hash, deployment, start_block, generation, block_number, block_hash, block_at,
       finalized_block, head_block, fork, outbox_position, updated_at)
     values (31337, '0x00', 'bench', 0, 1, 20000000, '0x00', now(), 19999936, 20000000, 0, 0, now())`,
  );
  await run(
    'families, versions, sales and tokens',
    `insert into families (family_id, name, publisher, token, operator_bps, publisher_bps, lineage_bps, holders_floor_bps, assets,
       version_count, offering_count, request_count, created_block, created_at)
     select n, 'Model ' || n, ${address('cc', 'n')}, ${token('n')}, 2000, 2000, 0, 3000, '["0x0000000000000000000000000000000000000000"]',
       1, 1, 0, n, now() - interval '1 year' from generate_series(1, ${TOKENS}) n;
     insert into offerings
     select ${address('dd', 'n')}, n, ${token('n')}, ${address('ee', 'n')}, ${address('cc', 'n')},
       '0x0000000000000000000000000000000000000000', 10e18, 150e18, 5e26, 0, null, 'proRata', ${address('cc', 'n')},
       now() - interval '1 year', now() - interval '11 months', 'settled', 170e18, 1000, 150e18, 5e26, 0, 0, now() - interval '11 months',
       5e26, 20e18, 150e18, 0, 0, 0, n, now() - interval '1 year' from generate_series(1, ${TOKENS}) n;
     insert into tokens
     select ${token('n')}, n, ${address('dd', 'n')}, ${address('ee', 'n')}, ${address('cc', 'n')}, 'Token ' || n, 'T' || n, 1e27, 1e27, 8000, 86400,
       '["0x0000000000000000000000000000000000000000"]', true, 0, now() - interval '11 months', 0, n, now() - interval '1 year'
     from generate_series(1, ${TOKENS}) n`,
  );
  await run(
    'holders',
    `insert into holders select ${holder('n')}, 0, n, now() - random() * interval '1 year' from generate_series(1, ${holders}) n`,
  );
  await run(
    'holdings',
    `insert into holdings
     select ${token('t')}, ${holder('h')}, floor(1e18 * power(10, 1 + 5 * random() * random()))::numeric, null, 1000
     from (
       select h, ${skewed(TOKENS, 3)} as t
       from generate_series(1, ${holders}) h, generate_series(1, 1 + floor(8 * power(random() + 0 * h, 4))::int)
     ) pairs
     group by h, t`,
  );
  await run(
    'what holders were paid',
    `insert into holder_revenue select token, holder, '0x0000000000000000000000000000000000000000', floor(balance / 1e6), 3, 0
     from holdings where random() < 0.5;
     insert into claims select 1000 + row_number() over (), 0, '0x' || md5(holder || token), now() - random() * interval '1 year', token, holder,
       '0x0000000000000000000000000000000000000000', holder, floor(balance / 1e6) from holdings where random() < 0.3`,
  );
  await run(
    'commitments',
    `insert into commitments
     select distinct on (1, 2) ${address('dd', skewed(TOKENS, 3))}, ${holder('h')}, floor(1e18 * random())::numeric, true, 0, 0, 0, 0, 1, now() - interval '1 year'
     from generate_series(1, ${holders}, 4) h`,
  );
  await run(
    `${revenueRows} payments`,
    `insert into revenue_events
     select 1000 + n, 0, '0x' || md5(n::text) || md5(n::text), now() - interval '${DAYS} days' * (1 - n::float / ${revenueRows}), ${token('t')},
       '0x0000000000000000000000000000000000000000', '0x00000000000000000000000000000000000000f0', floor(1e15 * random())::numeric
     from (select n, ${skewed(TOKENS, 3)} as t from generate_series(1, ${revenueRows}) n) payments`,
  );
  await run(
    'payments by hour',
    `insert into revenue_by_hour
     select coalesce(token, '0x0000000000000000000000000000000000000000'), asset, date_trunc('hour', at, 'UTC'), sum(amount), floor(sum(amount) / 2),
       0, count(*)
     from revenue_events group by grouping sets ((token, asset, 3), (asset, 3))`,
  );
  await run(
    'payments by day',
    `insert into revenue_by_day
     select token, asset, date_trunc('day', start, 'UTC'), sum(received), sum(claimed), 0, sum(receipt_count)
     from revenue_by_hour group by 1, 2, 3`,
  );
  for (const index of indices) await run(index.slice(0, 60), index);
  await run(
    'counts',
    `update tokens set holder_count = (select count(*) from holdings h where h.token = tokens.address);
     update holders set token_count = n from (select holder, count(*) n from holdings group by holder) c where c.holder = account`,
  );
  log('statistics');
  await client.query('vacuum analyze');
}

/** @returns the statements that bring them back */
async function dropIndices(client, tables) {
  const { rows } = await client.query(
    `select indexrelid::regclass::text as name, indrelid::regclass::text as table_name, pg_get_indexdef(indexrelid) as definition,
       (select conname from pg_constraint where conindid = indexrelid) as constraint,
       (select pg_get_constraintdef(oid) from pg_constraint where conindid = indexrelid) as constraint_definition
     from pg_index where indrelid::regclass::text = any($1)`,
    [tables],
  );
  for (const { name, table_name, constraint } of rows) {
    await client.query(constraint ? `alter table ${table_name} drop constraint ${constraint}` : `drop index ${name}`);
  }
  return rows.map(({ table_name, definition, constraint, constraint_definition }) =>
    constraint ? `alter table ${table_name} add constraint ${constraint} ${constraint_definition}` : definition,
  );
}
