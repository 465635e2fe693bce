import { setTimeout as sleep } from 'node:timers/promises';
import { NodeProcess } from './node-process.js';

/** Looks until it sees what it looks for, or fails with what it saw, and what the nodes said, last. */
export async function eventually<Seen>(
  look: () => Promise<Seen> | Seen,
  isIt: (seen: Seen) => boolean,
  { timeoutMs = 60_000, what = 'it' }: { timeoutMs?: number; what?: string } = {},
): Promise<Seen> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    let seen: Seen | undefined;
    let error: unknown;
    try {
      seen = await look();
      if (isIt(seen)) return seen;
    } catch (thrown) {
      error = thrown;
    }
    if (performance.now() > giveUpAt) {
      const last =
        error instanceof Error
          ? error.message
          : JSON.stringify(seen, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v));
      throw new Error(`waited ${timeoutMs} ms for ${what}; saw ${last}\n${NodeProcess.lastWords()}`);
    }
    await sleep(50);
  }
}
