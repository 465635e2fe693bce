import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DomainError } from '@openimo/domain';
import type { Session } from '../session/session.js';
import { until } from '../session/until.js';
import { isAlive, takeIndexLock } from '../stack/lock.js';
import { stackPaths } from '../stack/paths.js';
import { indexerSpec } from '../stack/services.js';

export interface RebuildOptions {
  /** Block numbers, inclusive. Without: from the first block of the deployment, up to the head. */
  readonly from?: string;
  readonly to?: string;
}

export interface Rebuilt {
  /** Where the read model stood when the rebuild ended. */
  readonly block: string;
  /** Logs read. */
  readonly events: number;
}

/**
 * Reads the read model again, in the place of the stack's indexer, which goes on afterwards. May be interrupted at any moment:
 * the indexer goes on from wherever it stood. The progress bar comes on stderr.
 *
 * @throws DomainError `RebuildRunning`, `RebuildFailed`
 */
export async function rebuild(session: Session, folder: string, options: RebuildOptions): Promise<Rebuilt> {
  const release = takeIndexLock(stackPaths(folder).indexLock);
  // Ctrl-C reaches the child as well, which then ends in order; its exit code tells.
  const stay = () => undefined;
  process.on('SIGINT', stay);
  try {
    await stopIndexer(session.record.indexer.pid);
    return await runIndexer(session, options);
  } finally {
    process.off('SIGINT', stay);
    release();
  }
}

/** The stack leaves it down while we hold the lock. */
async function stopIndexer(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  await until(
    'the indexer to end',
    async () => isAlive(pid),
    (alive) => !alive,
    { timeoutMs: 20_000, everyMs: 50 },
  );
}

async function runIndexer({ record }: Session, { from, to }: RebuildOptions): Promise<Rebuilt> {
  const { script, env } = indexerSpec(record);
  const args = ['rebuild', ...(from ? ['--from', from] : []), ...(to ? ['--to', to] : [])];
  const child = spawn(process.execPath, ['--no-warnings', '--max-semi-space-size=64', script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = readLog(child);
  const [code] = (await once(child, 'close')) as [number | null];
  const end = lines.find(({ msg }) => msg === 'rebuilt');
  if (code === 0 && end !== undefined) return { block: String(end.block), events: Number(end.events) };
  const why = lines.findLast(({ err }) => err !== undefined)?.err?.message;
  throw new DomainError(
    'RebuildFailed',
    `The read model was not rebuilt to the end${why ? ` (${why})` : ''}; the indexer goes on from where it stands.`,
    { data: { exitCode: code } },
  );
}

interface LogLine {
  readonly msg?: string;
  readonly block?: unknown;
  readonly events?: unknown;
  readonly err?: { readonly message?: string };
}

function readLog(child: ChildProcess): LogLine[] {
  const lines: LogLine[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    try {
      lines.push(JSON.parse(line) as LogLine);
    } catch {
      // Not one of ours.
    }
  });
  return lines;
}
