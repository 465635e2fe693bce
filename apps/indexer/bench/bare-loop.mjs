// bare-loop <rpcUrl> <token> <fromBlock> <databaseUrl> <untilBlock>: the least a program can do that indexes one token: read
// headers and logs, keep raw logs, headers, balances and what balances were before each block. One loop, one file, no checks,
// no growth, no second contract. What the indexer is measured against.
import pg from 'pg';

const [url, token, fromBlock, databaseUrl, untilBlock] = process.argv.slice(2);
const WINDOW = 60;
const HEADERS_PER_CALL = 100;
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
await client.query(`
  create table bare_blocks (number bigint primary key, hash bytea not null, parent_hash bytea not null, at timestamptz not null);
  create table bare_logs (block_hash bytea, log_index bigint, block_number bigint not null, transaction_hash bytea not null,
    transaction_index bigint not null, address bytea not null, topics bytea not null, data bytea not null,
    primary key (block_hash, log_index));
  create table bare_holdings (token text, holder text, balance numeric(78,0) not null, primary key (token, holder));
  create index on bare_holdings (holder);
  create index on bare_holdings (token, balance desc, holder);
  create table bare_undo (block_number bigint primary key, changes text not null);
  alter table bare_undo alter column changes set storage external;
`);

async function rpc(body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
}
const hex = (number) => `0x${number.toString(16)}`;
const call = (id, method, params) => ({ jsonrpc: '2.0', id, method, params });

async function read(from, to) {
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const batches = [];
  for (let at = 0; at < numbers.length; at += HEADERS_PER_CALL) {
    const part = numbers.slice(at, at + HEADERS_PER_CALL);
    batches.push(rpc(part.map((number) => call(number, 'eth_getBlockByNumber', [hex(number), false]))));
  }
  const filter = { address: token, fromBlock: hex(from), toBlock: hex(to) };
  const [logs, ...headers] = await Promise.all([rpc(call(0, 'eth_getLogs', [filter])), ...batches]);
  return { headers: headers.flat().map(({ result }) => result), logs: logs.result };
}

const bytes = (values) => `{${values.map((value) => `"\\\\x${value.slice(2)}"`).join(',')}}`;
const list = (values) => `{${values.join(',')}}`;

const balances = new Map();
async function write({ headers, logs }) {
  await client.query('begin');
  await client.query(
    'insert into bare_blocks select * from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::timestamptz[])',
    [
      list(headers.map(({ number }) => BigInt(number))),
      bytes(headers.map(({ hash }) => hash)),
      bytes(headers.map(({ parentHash }) => parentHash)),
      list(headers.map(({ timestamp }) => new Date(Number(timestamp) * 1_000).toISOString())),
    ],
  );
  await client.query(
    `insert into bare_logs select * from unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[],
       $6::bytea[], $7::bytea[], $8::bytea[])`,
    [
      bytes(logs.map(({ blockHash }) => blockHash)),
      list(logs.map(({ logIndex }) => Number(logIndex))),
      list(logs.map(({ blockNumber }) => Number(blockNumber))),
      bytes(logs.map(({ transactionHash }) => transactionHash)),
      list(logs.map(({ transactionIndex }) => Number(transactionIndex))),
      bytes(logs.map(({ address }) => address)),
      bytes(logs.map(({ topics }) => `0x${topics.map((topic) => topic.slice(2)).join('')}`)),
      bytes(logs.map(({ data }) => data)),
    ],
  );
  const changed = new Set();
  const undo = new Map();
  for (const { blockNumber, topics, data } of logs) {
    if (topics[0] !== TRANSFER) continue;
    let before = undo.get(blockNumber);
    if (before === undefined) undo.set(blockNumber, (before = new Map()));
    const value = BigInt(data);
    for (const [topic, by] of [
      [topics[1], -value],
      [topics[2], value],
    ]) {
      const holder = `0x${topic.slice(26)}`;
      const balance = balances.get(holder) ?? 0n;
      if (!before.has(holder)) before.set(holder, balance.toString());
      balances.set(holder, balance + by);
      changed.add(holder);
    }
  }
  const holders = [...changed];
  await client.query(
    `insert into bare_holdings select $1, * from unnest($2::text[], $3::numeric[])
     on conflict (token, holder) do update set balance = excluded.balance`,
    [token, list(holders), list(holders.map((holder) => balances.get(holder)))],
  );
  await client.query('insert into bare_undo select * from unnest($1::bigint[], $2::text[])', [
    list([...undo.keys()].map(Number)),
    [...undo.values()].map((before) => JSON.stringify([...before])),
  ]);
  await client.query('commit');
}

let events = 0;
const startedAt = performance.now();
const end = Number(untilBlock);
let next = read(Number(fromBlock), Math.min(end, Number(fromBlock) + WINDOW - 1));
for (let from = Number(fromBlock); from <= end; from += WINDOW) {
  const range = await next;
  const after = from + WINDOW;
  if (after <= end) next = read(after, Math.min(end, after + WINDOW - 1));
  await write(range);
  events += range.logs.length;
}
const seconds = (performance.now() - startedAt) / 1_000;
await client.end();
console.log(JSON.stringify({ events, seconds }));
