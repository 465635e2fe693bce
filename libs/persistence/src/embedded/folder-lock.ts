import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@openimo/domain';

/** PGlite takes no lock of its own: two processes on one folder lose each other's rows. */
export interface FolderLock {
  release(): Promise<void>;
}

interface Owner {
  readonly token: string;
  readonly pid: number;
  /** When the process started, as the kernel counts it: tells a reused pid from the owner. Empty where unknown. */
  readonly started: string;
}

const FILE = 'owner.lock';
/** Longer than a second taker needs between reading a stale lock and renaming it. */
const SETTLE_MS = 20;

/**
 * Takes the folder for this process. A lock whose process is gone (`kill -9`, power cut) is taken over.
 *
 * @throws DomainError `DataFolderInUse` naming the process and the folder.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, FILE);
  const own: Owner = { token: randomUUID(), pid: process.pid, started: startOf(process.pid) };

  for (;;) {
    const owner = await readOwner(path);
    if (owner !== undefined) {
      if (isRunning(owner)) throw inUse(folder, owner);
      await setAside(path, owner);
    }
    if (!(await place(path, own))) continue;
    await sleep(SETTLE_MS);
    // Another taker may have moved our file while it believed the old owner's was still there.
    if ((await readOwner(path))?.token === own.token) break;
  }
  return { release: () => removeOwn(path, own) };
}

/** A hard link appears with its content, or not at all: nobody ever reads a half-written lock. */
async function place(path: string, own: Owner): Promise<boolean> {
  const draft = `${path}.${own.token}`;
  await writeFile(draft, JSON.stringify(own));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function setAside(path: string, stale: Owner): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readOwner(aside);
  if (moved !== undefined && moved.token !== stale.token) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function removeOwn(path: string, own: Owner): Promise<void> {
  if ((await readOwner(path))?.token === own.token) await rm(path, { force: true });
}

async function readOwner(path: string): Promise<Owner | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as Owner;
  } catch {
    // Not written by us; a lock nobody can read belongs to nobody.
    return { token: '', pid: 0, started: '' };
  }
}

function isRunning(owner: Owner): boolean {
  if (!Number.isInteger(owner.pid) || owner.pid <= 0) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(owner.pid) === owner.started;
}

/** Field 22 of /proc/<pid>/stat; the name before it is in brackets and may hold spaces. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function inUse(folder: string, owner: Owner): DomainError<'DataFolderInUse'> {
  return new DomainError(
    'DataFolderInUse',
    `Process ${owner.pid} already serves the database folder ${folder}. Stop it first, or connect to it.`,
    { data: { pid: owner.pid, folder } },
  );
}
