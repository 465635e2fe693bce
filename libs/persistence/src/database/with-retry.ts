import { setTimeout as sleep } from 'node:timers/promises';
import { isDomainError } from '@openimo/domain';
import { toDatabaseError } from './database-error.js';

export interface RetryOptions {
  /** Ends the waiting; what it rejects with is the signal's reason. */
  readonly signal?: AbortSignal;
  /** Give up after this long, in milliseconds; for ever by default. */
  readonly timeoutMs?: number;
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Called before each wait, for the log. */
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/**
 * Runs `work` until it succeeds or fails with an error that is not retryable, waiting twice as long each time. A database
 * or RPC that is down for a minute costs a minute, not the process. `work` must be safe to run again.
 */
export async function withRetry<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { signal, timeoutMs = Infinity, minDelayMs = 50, maxDelayMs = 2_000, onRetry } = options;
  const giveUpAt = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (thrown) {
      const error = toDatabaseError(thrown);
      const delayMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(attempt - 1, 20));
      if (!isDomainError(error) || !error.retryable || performance.now() + delayMs > giveUpAt) throw error;
      onRetry?.(error, attempt);
      await pause(delayMs, signal);
    }
  }
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
