import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));

/** A command's end, as a person sees it. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What a running stack says of itself in its stack.json. */
export interface StackRecord {
  pid: number;
  services: { chain: number; database: number };
  rpcUrl: string;
  databaseUrl: string;
  deployment: string;
  operators: { name: string; address: `0x${string}`; pid: number; httpPort: number }[];
  indexer: { pid: number; httpPort: number };
  api: { pid: number; httpPort: number; graphql: string };
  example: { familyId: string; versionId: string; offering: `0x${string}`; token: `0x${string}` };
}

/** A folder for one stack, removed by `Stack.remove`. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'openimo-test-'));
}

/** Runs one command of the command line to its end. */
export async function openimo(folder: string, ...args: string[]): Promise<Ended> {
  const child = start(folder, args);
  const ended = collect(child);
  await once(child, 'close');
  return ended();
}

/** A stack as `npm start` runs it, on ports of its own. */
export class Stack {
  private constructor(
    readonly folder: string,
    readonly process: ChildProcess,
    private readonly ended: () => Ended,
  ) {}

  /** Starts it, without waiting. */
  static launch(folder: string, ...args: string[]): Stack {
    const child = start(folder, ['dev', '--rpc-port', '0', '--api-port', '0', ...args]);
    return new Stack(folder, child, collect(child));
  }

  /** Starts it and waits until it is ready. */
  static async start(folder: string, ...args: string[]): Promise<Stack> {
    const stack = Stack.launch(folder, ...args);
    await stack.ready();
    return stack;
  }

  get record(): StackRecord {
    return JSON.parse(readFileSync(this.#recordPath, 'utf8')) as StackRecord;
  }

  /** What it has printed so far. */
  get printed(): string {
    const { stdout, stderr } = this.ended();
    return stdout + stderr;
  }

  async ready(): Promise<void> {
    await eventually('the stack to be ready', () => {
      if (this.process.exitCode !== null) throw new Error(`The stack ended during start:\n${this.printed}`);
      // Its last line: what it says may come in parts.
      return existsSync(this.#recordPath) && this.printed.includes('Ctrl-C ends it all');
    });
  }

  /** Ctrl-C, and the wait for its end. */
  async interrupt(): Promise<Ended> {
    return this.end('SIGINT');
  }

  async end(signal: NodeJS.Signals): Promise<Ended> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const closed = once(this.process, 'close');
      this.process.kill(signal);
      await closed;
    }
    return this.ended();
  }

  async remove(): Promise<void> {
    await this.end('SIGINT');
    await rm(this.folder, { recursive: true, force: true });
  }

  get #recordPath(): string {
    return join(this.folder, 'stack.json');
  }
}

/** The command lines of processes that work on a folder, on systems that have /proc. */
export async function processesOn(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll('\0', ' ').trim());
}

/** Asks until the answer is yes. */
export async function eventually(
  what: string,
  ask: () => boolean | Promise<boolean>,
  { timeoutMs = 120_000, everyMs = 200 } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s for ${what}, in vain.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

function start(folder: string, args: string[]): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', MAIN, '--dir', folder, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
}

function collect(child: ChildProcess): () => Ended {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (data: Buffer) => (stdout += data));
  child.stderr!.on('data', (data: Buffer) => (stderr += data));
  return () => ({ code: child.exitCode, stdout, stderr });
}
