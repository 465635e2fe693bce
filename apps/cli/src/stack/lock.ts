import { mkdirSync, openSync, closeSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DomainError } from '@openimo/domain';

interface Holder {
  pid: number;
  since: string;
}

/**
 * Takes the stack folder for this process.
 * @returns how to give it back
 * @throws DomainError `StackRunning` naming the process that holds it
 */
export function takeStackLock(path: string): () => void {
  return takeLock(path, alreadyRunning);
}

/**
 * Takes the read model for this process: while it is held, the stack leaves its own indexer down.
 * @returns how to give it back
 * @throws DomainError `RebuildRunning` naming the process that holds it
 */
export function takeIndexLock(path: string): () => void {
  return takeLock(path, (_, holder) => {
    const who = holder ? `process ${holder.pid}, since ${holder.since}` : 'another process';
    return new DomainError(
      'RebuildRunning',
      `The read model is being rebuilt already (${who}). Wait for it, or end it.`,
      {
        data: { pid: holder?.pid },
      },
    );
  });
}

/**
 * Takes what a watcher keeps for this process.
 * @returns how to give it back
 * @throws DomainError `WatcherRunning` naming the process that holds it
 */
export function takeWatchLock(path: string): () => void {
  return takeLock(path, (_, holder) => {
    const who = holder ? `process ${holder.pid}, since ${holder.since}` : 'another process';
    return new DomainError(
      'WatcherRunning',
      `Somebody watches with this account already (${who}). Leave that one, end it, or take another account.`,
      { data: { pid: holder?.pid } },
    );
  });
}

/** Whether a process that lives holds it. */
export function isLocked(path: string): boolean {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(holder.pid);
}

type Refusal = (path: string, holder: Holder | undefined) => DomainError;

/** The lock of a process that no longer lives is taken over. */
function takeLock(path: string, refusal: Refusal): () => void {
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
      if (holder && isAlive(holder.pid)) throw refusal(path, holder);
      rmSync(path, { force: true });
    }
  }
  throw refusal(path, readHolder(path));
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
