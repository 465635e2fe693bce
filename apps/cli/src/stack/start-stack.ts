import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endOrphan, freePort } from '@openimo/chain';
import { DomainError, isDomainError } from '@openimo/domain';
import { zeroAddress } from 'viem';
import { createSession, type Session } from '../session/session.js';
import type { Output } from '../ui/output.js';
import { short } from '../ui/format.js';
import { Children } from './children.js';
import { ensureDeployment } from './deployment.js';
import { ensureExample } from './example.js';
import { isLocked, takeStackLock } from './lock.js';
import { stackPaths, type StackPaths } from './paths.js';
import { removeStackRecord, type StackRecord, writeStackRecord } from './record.js';
import { apiSpec, ensureAuthSecret, indexerSpec, OPERATORS, operatorSpec, STAKE_ETH } from './services.js';
import type { Shutdown } from './shutdown.js';

export interface StackOptions {
  folder: string;
  /** Port of the chain's RPC; 0 for any free one. */
  rpcPort: number;
  /** Port of GraphQL; 0 for any free one. */
  apiPort: number;
  /** Forgets everything the folder holds first. */
  reset: boolean;
}

interface ServiceReady {
  name: string;
  httpPort: number;
}

interface ApiReady {
  healthPort: number;
  url: string;
}

interface OperatorReady extends ServiceReady {
  address: `0x${string}`;
}

/** Brings up chain, database, contracts, the example model with its offering, operators, indexer and GraphQL. Ends with `shutdown`. */
export async function startStack(options: StackOptions, output: Output, shutdown: Shutdown): Promise<Session> {
  const paths = stackPaths(options.folder);
  const { signal } = shutdown;
  shutdown.add('the lock', takeStackLock(paths.lock));
  // Whoever was killed leaves its record, and processes that notice only now that they have no parent.
  const wasKilled = (await endOrphan(paths.chainState)) || existsSync(paths.record);
  const patienceMs = wasKilled ? ORPHANS_END_MS : 0;
  if (options.reset) forget(paths);
  removeStackRecord(paths.record);
  shutdown.add('the record', () => removeStackRecord(paths.record));
  const children = new Children(paths.logs, (name, how) => {
    process.stderr.write(`  ${name} ended unexpectedly (${how}); its log: ${children.logPath(name)}\n`);
  });
  shutdown.add('the child processes', () => children.stop());

  // Written once everything runs, and again whenever a child was restarted.
  let complete = false;
  const services: StackRecord['services'] = {};
  const noteService = (name: string) => (_: unknown, pid: number) => {
    services[name] = pid;
    if (complete) writeStackRecord(paths.record, record);
  };

  const rpcPort = await port(options.rpcPort, '--rpc-port', patienceMs);
  const apiPort = await port(options.apiPort, '--api-port', patienceMs);
  const databasePort = await freePort();
  const [{ rpcUrl }, { url: databaseUrl }] = await output.step(
    'Chain and database',
    () =>
      Promise.all([
        children.start<{ rpcUrl: string }>(
          {
            name: 'chain',
            script: siblingScript('chain-process.js'),
            args: [String(rpcPort), paths.chainState],
            restart: true,
            onReady: noteService('chain'),
          },
          signal,
        ),
        children.start<{ url: string }>(
          {
            name: 'database',
            script: siblingScript('database-process.js'),
            args: [paths.database, String(databasePort)],
            restart: true,
            onReady: noteService('database'),
          },
          signal,
        ),
      ]),
    ([chain]) => `Chain at ${chain.rpcUrl}, database ready`,
  );

  const deployment = await output.step(
    'Contracts',
    () => ensureDeployment(rpcUrl, deploymentPath(paths)),
    ({ addresses }) => `Contracts deployed; the oracle is ${addresses.inferenceOracle}`,
  );
  signal.throwIfAborted();

  const record: StackRecord = {
    pid: process.pid,
    services,
    rpcUrl,
    databaseUrl,
    models: paths.models,
    deployment: deploymentPath(paths),
    operators: [],
    indexer: { pid: 0, httpPort: 0 },
    api: { pid: 0, httpPort: 0, graphql: `http://127.0.0.1:${apiPort}/graphql` },
    example: NO_EXAMPLE,
  };
  const session = await createSession(record, deployment);
  record.example = await output.step(
    'Example model',
    () => ensureExample(session),
    ({ versionId, offering }) =>
      `Example model published as version ${versionId}, its token on offer at ${short(offering)}`,
  );
  signal.throwIfAborted();

  const note = (change: () => void) => {
    change();
    if (complete) writeStackRecord(paths.record, record);
  };
  const startOperator = (name: (typeof OPERATORS)[number]) =>
    children.start<OperatorReady>(
      {
        ...operatorSpec(name, record),
        restart: true,
        onReady: (ready, pid) => note(() => noteOperator(record, pid, ready as OperatorReady)),
      },
      signal,
    );
  const startIndexer = () =>
    children.start<ServiceReady>(
      {
        ...indexerSpec(record),
        restart: true,
        isHeld: () => isLocked(paths.indexLock),
        onReady: (ready, pid) => note(() => (record.indexer = { pid, httpPort: (ready as ServiceReady).httpPort })),
      },
      signal,
    );
  const startApi = () =>
    children.start<ApiReady>(
      {
        ...apiSpec(record, { port: apiPort, authSecret: ensureAuthSecret(paths.authSecret) }),
        restart: true,
        onReady: (ready, pid) => {
          const { healthPort: httpPort, url: graphql } = ready as ApiReady;
          note(() => (record.api = { pid, httpPort, graphql }));
        },
      },
      signal,
    );
  await output.step(
    'Operators, indexer and GraphQL',
    () => Promise.all([...OPERATORS.map(startOperator), startIndexer(), startApi()]),
    () => `${OPERATORS.length} operators registered with ${STAKE_ETH} ETH of stake each, indexer and GraphQL ready`,
  );
  complete = true;
  writeStackRecord(paths.record, record);
  return session;
}

/** What a process of ours may take to end once its parent is gone, with some time to spare. */
const ORPHANS_END_MS = 12_000;

const NO_EXAMPLE: StackRecord['example'] = { familyId: '0', versionId: '0', offering: zeroAddress, token: zeroAddress };

function noteOperator(record: StackRecord, pid: number, { name, address, httpPort }: OperatorReady): void {
  const others = record.operators.filter((known) => known.name !== name);
  record.operators = [...others, { name, address, httpPort, pid }].sort((a, b) => a.name.localeCompare(b.name));
}

function deploymentPath(paths: StackPaths): string {
  return join(paths.folder, 'deployment.json');
}

/** Only what a stack itself has put there. */
function forget(paths: StackPaths): void {
  for (const path of [
    paths.record,
    deploymentPath(paths),
    paths.chainState,
    paths.database,
    paths.models,
    paths.authSecret,
    paths.logs,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
}

/** @throws DomainError `PortTaken` when it is not free in time, naming the option that takes another one */
async function port(wanted: number, option: string, patienceMs: number): Promise<number> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await freePort(wanted);
    } catch (error) {
      if (!isDomainError(error, 'PortTaken')) throw error;
      if (performance.now() > giveUpAt) throw portTaken(error, option, wanted);
      await pause(100);
    }
  }
}

function portTaken(error: DomainError, option: string, wanted: number): DomainError {
  return new DomainError('PortTaken', `${error.message} For example: npm start -- ${option} ${wanted + 1_000}`, {
    data: error.data,
    cause: error,
  });
}

export function siblingScript(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
