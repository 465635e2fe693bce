import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { DomainError } from '@openimo/domain';
import { createChain, LOCAL_CHAIN_ID, type Chain } from '../chain/create-chain.js';
import { waitForChain } from '../chain/wait-for-chain.js';
import { pause } from '../support/concurrency.js';
import { keepBackups, recoverState } from './state-backup.js';

export interface AnvilOptions {
  /** A free one by default. */
  readonly port?: number;
  /** Where it listens: the loopback interface by default. Its keys are public. */
  readonly host?: string;
  /** Keeps the chain in this file, written every `stateIntervalSeconds` and at the end. In memory only by default. */
  readonly statePath?: string;
  /** What kill -9 may lose as a rule; 10 s more if it strikes while the state is being written. 5 by default. */
  readonly stateIntervalSeconds?: number;
  /** Seconds between blocks; by default each transaction gets a block at once. */
  readonly blockTime?: number;
  /** Mines only when told to (`anvil_mine`). */
  readonly noMining?: boolean;
  readonly chainId?: number;
  readonly accounts?: number;
  /** Further arguments of the command line. */
  readonly args?: readonly string[];
  /** Gives up the start. What has started afterwards ends by `stop`. */
  readonly signal?: AbortSignal;
}

export interface Anvil {
  readonly rpcUrl: string;
  readonly port: number;
  readonly pid: number;
  readonly chain: Chain;
  /** Resolves when the process is gone, however it went. */
  readonly exited: Promise<void>;
  /** Ends it cleanly: the state is written first. */
  stop(): Promise<void>;
  /** SIGKILL, for tests of what survives. */
  kill(): Promise<void>;
}

const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 30_000;
/** The whole state is written each time, and it grows with the chain. */
const STATE_INTERVAL_SECONDS = 5;
const BACKUP_EVERY_MS = 10_000;

/**
 * Runs a local chain as a child process.
 *
 * @throws DomainError `PortTaken`, `AnvilFailed` when it does not come up, with what it said; the reason of the signal.
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const { statePath, signal, chainId = LOCAL_CHAIN_ID } = options;
  if (statePath !== undefined) {
    await mkdir(dirname(statePath), { recursive: true });
    await endOrphan(statePath);
    await recoverState(statePath);
  }
  // A server that is there already would answer in the new one's place. Looked for after the orphan, which had the port.
  const port = await freePort(options.port);
  const genesisTime = statePath === undefined ? undefined : await genesisTimeOf(statePath);
  signal?.throwIfAborted();
  // The binary itself: the package's own start script would outlive, or be outlived by, a SIGKILL.
  const child = spawn(anvilBinary(), commandLine(options, port, chainId, genesisTime), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit').then(() => undefined);
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-2_000)));

  const rpcUrl = `http://${HOST}:${port}`;
  const chain = createChain({ rpcUrl, chainId });
  const ready = new AbortController();
  try {
    // At once: whoever starts after us ends it, should we be killed before it is up.
    if (statePath !== undefined) await writeFile(pidFile(statePath), String(child.pid));
    await Promise.race([
      waitForChain(chain, { signal: ready.signal, timeoutMs: READY_TIMEOUT_MS }),
      exited.then(() => {
        throw failed(port, said);
      }),
      ...(signal === undefined ? [] : [aborted(signal)]),
    ]);
  } catch (error) {
    child.kill('SIGKILL');
    if (statePath !== undefined) await rm(pidFile(statePath), { force: true });
    throw error;
  } finally {
    ready.abort();
  }
  if (statePath !== undefined) {
    // It took the time of the genesis block for the present.
    await chain.client.request({ method: 'evm_setTime' as never, params: [now()] as never });
  }

  const stopBackups = statePath === undefined ? undefined : keepBackups(statePath, BACKUP_EVERY_MS);

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    stopBackups?.();
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    if (statePath !== undefined) await rm(pidFile(statePath), { force: true });
  };
  return {
    rpcUrl,
    port,
    pid: child.pid!,
    chain,
    exited,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/**
 * A port nobody listens on at the moment.
 *
 * @throws DomainError `PortTaken` when `wanted` is given and is not free
 */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, HOST);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new DomainError(
      'PortTaken',
      `Port ${wanted} is taken by another program. End that program, or choose another port.`,
      {
        data: { port: wanted },
        cause,
      },
    );
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function commandLine(options: AnvilOptions, port: number, chainId: number, genesisTime?: number): string[] {
  const {
    host = HOST,
    statePath,
    stateIntervalSeconds = STATE_INTERVAL_SECONDS,
    blockTime,
    noMining,
    accounts,
    args = [],
  } = options;
  return [
    ...['--host', host, '--port', String(port), '--chain-id', String(chainId), '--silent'],
    ...(statePath === undefined ? [] : ['--state', statePath, '--state-interval', String(stateIntervalSeconds)]),
    ...(blockTime === undefined ? [] : ['--block-time', String(blockTime)]),
    ...(genesisTime === undefined ? [] : ['--timestamp', String(genesisTime)]),
    ...(noMining ? ['--no-mining'] : []),
    ...(accounts === undefined ? [] : ['--accounts', String(accounts)]),
    ...args,
  ];
}

/** The platform's package is an optional dependency of `@foundry-rs/anvil`, found from there. */
function anvilBinary(): string {
  const here = createRequire(import.meta.url);
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  const name = `@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil${process.platform === 'win32' ? '.exe' : ''}`;
  try {
    return createRequire(here.resolve('@foundry-rs/anvil/package.json')).resolve(name);
  } catch (cause) {
    throw new DomainError('AnvilMissing', `There is no anvil for ${process.platform} ${process.arch}. Run npm ci.`, {
      cause,
    });
  }
}

/**
 * Ends the chain that a killed parent has left running on this state, if there is one: it would overwrite the next one's, and holds
 * its port. `startAnvil` does so too.
 *
 * @returns whether there was one; its port may take a moment to become free
 */
export async function endOrphan(statePath: string): Promise<boolean> {
  if (!existsSync(pidFile(statePath))) return false;
  const pid = Number(await readFile(pidFile(statePath), 'utf8'));
  const isOurs = async (): Promise<boolean> => {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return commandLine.includes('anvil') && commandLine.split('\0').includes(statePath);
  };
  let waits = 0;
  for (; pid > 0 && (await isOurs()); waits++) {
    process.kill(pid, waits < 200 ? 'SIGTERM' : 'SIGKILL');
    await pause(25);
  }
  await rm(pidFile(statePath), { force: true });
  return waits > 0;
}

/**
 * Anvil makes a genesis block at every start, of the present time, and keeps it beside the one in the state it loads: which of
 * the two it then shows as block 0 is chance. With the time of the first start they are the same block.
 */
async function genesisTimeOf(statePath: string): Promise<number> {
  const path = `${statePath}.genesis`;
  if (existsSync(statePath) && existsSync(path)) return Number(await readFile(path, 'utf8'));
  const time = now();
  await writeFile(path, String(time));
  return time;
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}

function pidFile(statePath: string): string {
  return `${statePath}.pid`;
}

function failed(port: number, said: string): DomainError<'AnvilFailed'> {
  return new DomainError('AnvilFailed', `The local chain did not start on port ${port}: ${said.trim() || 'no word'}.`, {
    data: { port },
  });
}
