import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@openimo/domain';

export interface SpawnEmbeddedPostgresOptions {
  readonly folder: string;
  readonly port?: number;
  /** As of `startEmbeddedPostgres`. */
  readonly transactionIdleMs?: number;
  /** How long the first line may take, in milliseconds; a new folder needs about 4 s on a busy machine. */
  readonly startTimeoutMs?: number;
}

export interface EmbeddedPostgresProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is gone, however it went. */
  readonly exited: Promise<void>;
  /** Closes it cleanly and waits. */
  stop(): Promise<void>;
  /** SIGKILL, for tests of what survives. */
  kill(): Promise<void>;
}

/** What the executable prints: one line, then nothing. */
export type ReadyLine =
  | { readonly ready: true; readonly url: string; readonly pid: number }
  | { readonly ready: false; readonly code: string; readonly message: string; readonly data: Record<string, unknown> };

/** Always the built one: the same path from src (under Jest) and from dist. */
const EXECUTABLE = fileURLToPath(new URL('../../dist/bin/embedded-postgres.js', import.meta.url));
const START_TIMEOUT_MS = 60_000;

/**
 * Runs the embedded database in a child process that ends with this one.
 *
 * @throws DomainError `DataFolderInUse`, or `EmbeddedPostgresFailed` when it did not come up.
 */
export async function spawnEmbeddedPostgres(options: SpawnEmbeddedPostgresOptions): Promise<EmbeddedPostgresProcess> {
  // The IPC channel is what tells the child that we are gone, even after kill -9.
  const { folder, port = 0, transactionIdleMs } = options;
  const args = [folder, String(port), ...(transactionIdleMs === undefined ? [] : [String(transactionIdleMs)])];
  const child = fork(EXECUTABLE, args, {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: [],
  });
  const exited = once(child, 'exit').then(() => undefined);
  const line = await firstLine(child.stdout!, exited, options.startTimeoutMs ?? START_TIMEOUT_MS);
  if (line === undefined) {
    child.kill('SIGKILL');
    throw new DomainError('EmbeddedPostgresFailed', `The embedded database in ${options.folder} did not start.`, {
      data: { folder: options.folder },
    });
  }
  const ready = JSON.parse(line) as ReadyLine;
  if (!ready.ready) {
    await exited;
    throw new DomainError(ready.code, ready.message, { data: ready.data });
  }

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  return { url: ready.url, pid: child.pid!, exited, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function firstLine(
  stdout: NodeJS.ReadableStream,
  exited: Promise<void>,
  timeoutMs: number,
): Promise<string | undefined> {
  const lines = createInterface({ input: stdout });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      once(lines, 'line').then(([line]) => String(line)),
      exited.then(() => undefined),
      new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), timeoutMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    lines.close();
    stdout.resume();
  }
}
