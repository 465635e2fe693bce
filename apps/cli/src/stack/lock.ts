import { mkdirSync, openSync, closeSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DomainError } from '@openimo/domain';

interface Holder {
  pid: number;
  since: string;
}

/**
 * Takes the stack folder for this process. The lock of a process that no longer lives is taken over.
 * @returns how to give it back
 * @throws DomainError `StackRunning` naming the process that holds it
 */
export function takeStackLock(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, JSON.stringify({ pid: process.pid, since: new Date().toISOString() } satisfies Holder));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readHolder(path);
      if (holder && isAlive(holder.pid)) throw alreadyRunning(path, holder);
      rmSync(path, { force: true });
    }
  }
  throw alreadyRunning(path, readHolder(path));
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/** Whether a process with this id lives, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function alreadyRunning(path: string, holder: Holder | undefined): DomainError {
  const who = holder ? `process ${holder.pid}, since ${holder.since}` : 'another process';
  return new DomainError(
    'StackRunning',
    `A stack already runs in ${dirname(path)} (${who}). Use it, end it with Ctrl-C in its terminal, or start another with --dir <folder> and other ports.`,
    { data: { folder: dirname(path), pid: holder?.pid } },
  );
}
