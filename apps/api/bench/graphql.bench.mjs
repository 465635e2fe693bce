// npm run bench -- graphql [--json]: an investor's first page on a large platform, over GraphQL and over bare HTTP.
//
// OPENIMO_BENCH_KEEP=<name> keeps the database under that name and takes it again; OPENIMO_BENCH_SCALE=0.01 makes a small one.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stringifyDeployment } from '@openimo/contracts';
import { openDatabase } from '@openimo/persistence';
import { TestChain } from '@openimo/testing';
import pg from 'pg';
import { fill, holderAddress } from './fill.mjs';
import { closedLoop, openLoop } from './load.mjs';

const LOCAL_SERVER = 'postgres://postgres@127.0.0.1:5432/postgres';
const SCALE = Number(process.env.OPENIMO_BENCH_SCALE ?? 1);
const SIZE = { holders: 1_000_000 * SCALE, revenueRows: 10_000_000 * SCALE };
const RPS = 50;
const CLIENTS = 16;
const POOL = '8';
const ROUNDS = 5;
const SECONDS = { open: 10, closed: 5 };
const BARS = { p99: 25, shareOfRaw: 0.45 };

const QUERY = `query Dashboard($account: Address!, $days: Int!) {
  dashboard(account: $account, days: $days) {
    indexedBlock indexedAt
    holdings { token name symbol familyId balance totalSupply holderCount claimed }
    commitments { offering symbol status committed accepted refund tokens }
    claims { token asset amount at }
    revenue { start received claimed }
    platformRevenue { start received claimed }
  }
}`;

export async function rows() {
  const server = process.env.DATABASE_URL ?? LOCAL_SERVER;
  const database = await openFilled(server);
  const folder = await mkdtemp(join(tmpdir(), 'openimo-bench-'));
  const chain = await TestChain.start();
  const children = [];
  try {
    const api = await startApi(chain, folder, database.url, children);
    const raw = await startRaw(database.url, children);
    return await measure(api, raw);
  } finally {
    for (const child of children) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await chain.anvil.kill();
    await rm(folder, { recursive: true, force: true });
    await database.drop();
  }
}

/** The two take turns: whatever else the machine does hits both alike. */
async function measure(api, raw) {
  const bodyOf = (i) => {
    const account = holderAddress(1 + ((i * 7_919 + 17 * Math.floor(Math.random() * SIZE.holders)) % SIZE.holders));
    return JSON.stringify({ query: QUERY, variables: { account, days: 30 } });
  };
  for (const url of [api, raw]) await closedLoop(url, bodyOf, { clients: 8, seconds: SECONDS.closed });
  const found = { api: [], raw: [], apiRate: [], rawRate: [] };
  for (let round = 0; round < ROUNDS; round++) {
    found.raw.push(await openLoop(raw, bodyOf, { rps: RPS, seconds: SECONDS.open }));
    found.api.push(await openLoop(api, bodyOf, { rps: RPS, seconds: SECONDS.open }));
    found.rawRate.push(await closedLoop(raw, bodyOf, { clients: CLIENTS, seconds: SECONDS.closed }));
    found.apiRate.push(await closedLoop(api, bodyOf, { clients: CLIENTS, seconds: SECONDS.closed }));
    console.error(
      `round ${round + 1}: p99 ${found.api.at(-1).p99.toFixed(1)} ms, bare HTTP ${found.raw.at(-1).p99.toFixed(1)} ms; ` +
        `${found.apiRate.at(-1).toFixed(0)} against ${found.rawRate.at(-1).toFixed(0)} requests/s`,
    );
  }
  const times = (rounds) => ({
    p50: rounded(median(rounds.map(({ p50 }) => p50))),
    p99: rounded(median(rounds.map(({ p99 }) => p99))),
  });
  const [requestsPerSecond, rawRequestsPerSecond] = [median(found.apiRate), median(found.rawRate)].map(Math.round);
  // Each round's own share: the machine changes between rounds more than within one.
  const share = median(found.apiRate.map((rate, round) => rate / found.rawRate[round]));
  return [
    { name: 'dashboard', ...times(found.api), bar: BARS.p99, rps: RPS },
    { name: 'rawHttp', ...times(found.raw), bar: null, rps: RPS },
    {
      name: 'dashboard.rate',
      shareOfRaw: rounded(share),
      bar: BARS.shareOfRaw,
      requestsPerSecond,
      rawRequestsPerSecond,
    },
  ];
}

const rounded = (value) => Math.round(value * 100) / 100;

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** One process, as shipped. */
async function startApi(chain, folder, databaseUrl, children) {
  const deployment = join(folder, 'deployment.json');
  await writeFile(deployment, stringifyDeployment(chain.deployment));
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', main], {
    env: {
      PATH: process.env.PATH,
      OPENIMO_RPC_URL: chain.anvil.rpcUrl,
      OPENIMO_DATABASE_URL: databaseUrl,
      OPENIMO_DATABASE_POOL: POOL,
      OPENIMO_DEPLOYMENT: deployment,
      OPENIMO_MODELS: join(folder, 'models'),
      OPENIMO_LOG_LEVEL: 'error',
      // One client asks for all of them.
      OPENIMO_LIMIT_COST_PER_MINUTE: '1000000000000',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  const [{ url }] = await once(child, 'message');
  return url;
}

async function startRaw(databaseUrl, children) {
  const script = fileURLToPath(new URL('raw-server.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', script, databaseUrl, POOL], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return JSON.parse(line).url;
}

async function openFilled(server) {
  const kept = process.env.OPENIMO_BENCH_KEEP;
  const name = kept ?? `openimo_bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const drop = () => onServer(server, `drop database if exists ${name} with (force)`);
  const isThere = await onServer(server, `select 1 from pg_database where datname = '${name}'`);
  if (isThere.length === 0) {
    try {
      await onServer(server, `create database ${name}`);
      await (await openDatabase(url.href)).destroy();
      await withClient(url.href, (client) => fill(client, SIZE, (what) => console.error(`filling: ${what}`)));
    } catch (error) {
      await drop();
      throw error;
    }
  }
  return { url: url.href, drop: kept === undefined ? drop : async () => undefined };
}

function onServer(url, sql) {
  return withClient(url, async (client) => (await client.query(sql)).rows);
}

async function withClient(url, use) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
