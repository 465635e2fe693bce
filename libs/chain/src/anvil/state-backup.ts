import { copyFile, readFile, rename, rm } from 'node:fs/promises';
import { DomainError } from '@openimo/domain';

/**
 * Anvil writes its state over the old one in place: killed while it writes, it leaves a file that it cannot read any more (seen:
 * an empty one). So a copy of the last complete state is kept beside it.
 */
const backupOf = (statePath: string): string => `${statePath}.backup`;

/**
 * Puts the backup in the place of a state that is not complete. Call before anvil starts.
 *
 * @throws DomainError `ChainStateLost` when neither is
 */
export async function recoverState(statePath: string): Promise<void> {
  const state = await isComplete(statePath);
  if (state === 'complete') return copyWhole(statePath, backupOf(statePath));
  // Anvil never removes it: somebody wants a new chain.
  if (state === 'missing') return rm(backupOf(statePath), { force: true });
  const backup = await isComplete(backupOf(statePath));
  if (backup === 'complete') return copyWhole(backupOf(statePath), statePath);
  throw new DomainError(
    'ChainStateLost',
    `The state of the local chain in ${statePath} is not readable. Remove it to start a new chain.`,
    { data: { statePath } },
  );
}

/** Copies the state whenever it is complete, until stopped. */
export function keepBackups(statePath: string, everyMs: number): () => void {
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    void backUp(statePath).finally(() => (isBusy = false));
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** The copy is looked at, not the original: that may be written over between the look and the copying. */
async function backUp(statePath: string): Promise<void> {
  const draft = `${backupOf(statePath)}.draft`;
  try {
    await copyFile(statePath, draft);
    if ((await isComplete(draft)) === 'complete') await rename(draft, backupOf(statePath));
    else await rm(draft, { force: true });
  } catch {
    // No state yet, or the folder is being removed: the next round.
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  const draft = `${to}.draft`;
  await copyFile(from, draft);
  await rename(draft, to);
}

async function isComplete(path: string): Promise<'complete' | 'broken' | 'missing'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
  try {
    JSON.parse(text);
    return 'complete';
  } catch {
    return 'broken';
  }
}
