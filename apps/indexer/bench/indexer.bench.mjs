// npm run bench -- indexer [--json]: events per second while catching up, on one chain, in one run.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringifyDeployment } from '@openimo/contracts';
import { spawnEmbeddedPostgres } from '@openimo/persistence';
import { makeDatabaseFolder } from '@openimo/persistence/testing';
import pg from 'pg';
import { buildEventChain } from './event-chain.mjs';
import { runPonder } from './ponder.mjs';

const LOCAL_SERVER = 'postgres://postgres@127.0.0.1:5432/postgres';
const DENSE = { events: 100_000, eventsPerBlock: 100 };
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
  const add = (name, { events, seconds }, bar) =>
    found.push({ name: `${name}${suffix}`, eventsPerSecond: Math.round(events / seconds), bar: bar ?? null });
  try {
    const onServer = (script, args) =>
      onDatabase(server, (url) =>
        worker(
          script,
          args.map((arg) => (arg === 'DATABASE' ? url : arg)),
        ),
      );
    const indexer = [rpcUrl, deployment, 'DATABASE', String(last)];
    let bare;
    if (server !== undefined) {
      bare = await onServer('bare-loop.mjs', [rpcUrl, token, 'DATABASE', String(first), String(last)]);
      const least = bars ? Math.max(15_000, Math.round((0.6 * bare.events) / bare.seconds)) : null;
      add('postgres', await onServer('run-indexer.mjs', indexer), least);
      add('bareLoop', bare, null);
    }
    add(
      'embedded',
      await onEmbedded((url) => worker('run-indexer.mjs', [rpcUrl, deployment, url, String(last)])),
      bars ? 10_000 : null,
    );
    if (server !== undefined) {
      const ponder = await onDatabase(server, (url) => runPonder({ rpcUrl, token, first, last, databaseUrl: url }));
      if (ponder !== undefined) {
        add('ponder', ponder, null);
        const row = found.find(({ name }) => name === `postgres${suffix}`);
        if (bars) row.bar = Math.max(row.bar, Math.round((2.5 * ponder.events) / ponder.seconds));
      }
    }
    return found;
  } finally {
    await chain.anvil.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tokensOf(chain) {
  const { parseEventLogs } = await import('viem');
  const { offeringFactoryAbi } = await import('@openimo/contracts');
  const logs = await chain.client.getLogs({
    address: chain.addresses.offeringFactory,
    fromBlock: 0n,
    toBlock: 'latest',
  });
  return parseEventLogs({ abi: offeringFactoryAbi, logs, eventName: 'OfferingCreated' }).map(({ args }) => args.token);
}

/** Runs a script in a process of its own and reads the line it prints. */
export function worker(script, args, options = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', path, ...args], {
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
