// npm run bench -- indexer [--json]: events per second while catching up, on one chain, in one run.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { offeringFactoryAbi, stringifyDeployment } from '@openimo/contracts';
import { spawnEmbeddedPostgres } from '@openimo/persistence';
import { makeDatabaseFolder } from '@openimo/persistence/testing';
import pg from 'pg';
import { parseEventLogs } from 'viem';
import { buildEventChain } from './event-chain.mjs';
import { runPonder } from './ponder.mjs';

const LOCAL_SERVER = 'postgres://postgres@127.0.0.1:5432/postgres';
/** Batches outlive a few collections: with the default of 16 MB a quarter of the time goes into copying them. */
const YOUNG_GENERATION = '--max-semi-space-size=64';
const TURNS = 3;
const DENSE = { events: 200_000, eventsPerBlock: 100 };
const SPARSE = { events: 10_000, eventsPerBlock: 4 };

export async function rows() {
  const server = process.env.DATABASE_URL ?? ((await answers('127.0.0.1', 5432)) ? LOCAL_SERVER : undefined);
  if (server === undefined) console.error('No PostgreSQL here: set DATABASE_URL to measure on one.');
  return [...(await measure(DENSE, '', server)), ...(await measure(SPARSE, ', 4 a block', server))];
}

/** @param suffix '' for the chain that has bars */
async function measure(shape, suffix, server) {
  const folder = await mkdtemp(join(tmpdir(), 'openimo-bench-'));
  const { chain, first, last } = await buildEventChain(shape);
  const deployment = join(folder, 'deployment.json');
  await writeFile(deployment, stringifyDeployment(chain.deployment));
  const { rpcUrl } = chain.anvil;
  const [token] = await tokensOf(chain);
  const bars = suffix === '';
  const found = [];
  const add = (name, eventsPerSecond, bar) =>
    found.push({ name: `${name}${suffix}`, eventsPerSecond: Math.round(eventsPerSecond), bar: bar || null });
  try {
    const events = Number(last - first) * shape.eventsPerBlock;
    const onServer = (script, ...args) => onDatabase(server, (url) => worker(script, [...args, url, String(last)]));
    if (server !== undefined) {
      // Taking turns, and the best of three: whatever else the machine does hits both alike.
      const postgres = [];
      const bare = [];
      for (let turn = 0; turn < TURNS; turn++) {
        bare.push(await onServer('bare-loop.mjs', rpcUrl, token, String(first)));
        postgres.push(await onServer('run-indexer.mjs', rpcUrl, deployment));
      }
      add('postgres', best(postgres), bars && Math.max(15_000, Math.round(0.6 * best(bare))));
      add('bareLoop', best(bare));
    }
    const embedded = [];
    for (let turn = 0; turn < TURNS; turn++) {
      embedded.push(await onEmbedded((url) => worker('run-indexer.mjs', [rpcUrl, deployment, url, String(last)])));
    }
    add('embedded', best(embedded), bars && 10_000);
    if (server !== undefined) {
      const seconds = await onDatabase(server, (url) => runPonder({ rpcUrl, token, first, last, databaseUrl: url }));
      if (seconds !== undefined) {
        add('ponder', events / seconds);
        const row = found.find(({ name }) => name === `postgres${suffix}`);
        if (bars) row.bar = Math.max(row.bar, Math.round((2.5 * events) / seconds));
      }
    }
    return found;
  } finally {
    await chain.anvil.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tokensOf(chain) {
  const logs = await chain.client.getLogs({
    address: chain.addresses.offeringFactory,
    fromBlock: 0n,
    toBlock: 'latest',
  });
  return parseEventLogs({ abi: offeringFactoryAbi, logs, eventName: 'OfferingCreated' }).map(({ args }) => args.token);
}

function best(runs) {
  return Math.max(...runs.map(({ events, seconds }) => events / seconds));
}

/** Runs a script in a process of its own and reads the line it prints. */
export function worker(script, args, options = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', YOUNG_GENERATION, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (bytes) => (said += bytes));
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(said.trim().split('\n').at(-1)));
      else reject(new Error(`${script} ended with ${code}`));
    });
  });
}

async function onDatabase(server, use) {
  const name = `openimo_bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await query(server, `create database ${name}`);
  try {
    return await use(url.href);
  } finally {
    await query(server, `drop database ${name} with (force)`);
  }
}

async function onEmbedded(use) {
  const folder = await makeDatabaseFolder();
  const database = await spawnEmbeddedPostgres({ folder });
  try {
    return await use(database.url);
  } finally {
    await database.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function answers(host, port) {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => resolve(true) ?? socket.destroy());
    socket.once('error', () => resolve(false));
  });
}
