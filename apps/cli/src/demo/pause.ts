import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../session/session.js';
import type { Shutdown } from '../stack/shutdown.js';

/** After so long a paused process holds up the database. */
const PATIENCE_MS = 1_000;
/** One that never finds a better moment is paused as it is: the database ends its transaction after half a minute. */
const MOST_TRIES = 20;
const BREATH_MS = 30;
const CONNECT_MS = 60_000;

/**
 * Pauses operators of the stack, each between two of its transactions: the embedded database has one session, and where the one who
 * has it falls silent, everybody waits.
 *
 * @returns what lets them go on; the end of the command does, too
 */
export async function pauseOperators(
  { record }: Session,
  operators: readonly { readonly pid: number }[],
  shutdown: Shutdown,
): Promise<() => void> {
  const wake = () => operators.forEach(({ pid }) => process.kill(pid, 'SIGCONT'));
  shutdown.add('the silence', wake);
  const { openDatabase } = await import('@openimo/persistence');
  const database = await openDatabase(record.databaseUrl, { migrate: false, connectTimeoutMs: CONNECT_MS });
  try {
    for (const { pid } of operators) {
      for (let tries = 1; ; tries++) {
        process.kill(pid, 'SIGSTOP');
        const answer = database.query('select 1');
        if (await Promise.race([answer.then(() => true), sleep(PATIENCE_MS, false)])) break;
        if (tries < MOST_TRIES) process.kill(pid, 'SIGCONT');
        await answer;
        if (tries === MOST_TRIES) break;
        await sleep(BREATH_MS);
      }
    }
  } finally {
    await database.destroy();
  }
  return wake;
}
