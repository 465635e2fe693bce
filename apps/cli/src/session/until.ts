import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '@openimo/domain';

/**
 * Reads until what was read is good.
 * @throws DomainError `TimedOut` naming what was waited for
 */
export async function until<T>(
  what: string,
  read: () => Promise<T>,
  good: (value: T) => boolean,
  { timeoutMs = 60_000, everyMs = 300 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > deadline) {
      throw new DomainError('TimedOut', `Waited ${timeoutMs / 1000} s for ${what}, in vain.`, { retryable: true });
    }
    await pause(everyMs);
  }
}
