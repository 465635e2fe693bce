import { DomainError } from '@openimo/domain';
import { withRetry } from './with-retry.js';

const down = () => new DomainError('DatabaseUnavailable', 'Down.', { retryable: true });

/** Fails with `errors`, one after the other, then succeeds. */
function failing(...errors: unknown[]): () => Promise<string> {
  return async () => {
    if (errors.length > 0) throw errors.shift();
    return 'done';
  };
}

describe('withRetry', () => {
  it('tries again while the error is retryable', async () => {
    await expect(withRetry(failing(down(), down()), { minDelayMs: 1 })).resolves.toBe('done');
  });

  it('knows a lost connection of the driver', async () => {
    const lost = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    await expect(withRetry(failing(lost), { minDelayMs: 1 })).resolves.toBe('done');
  });

  it('fails at once with anything else', async () => {
    const mistake = new Error('syntax error');
    await expect(withRetry(failing(mistake))).rejects.toBe(mistake);
  });

  it('gives up after its time with the last error', async () => {
    const work = () => Promise.reject(down());
    await expect(withRetry(work, { timeoutMs: 20, minDelayMs: 5 })).rejects.toMatchObject({
      code: 'DatabaseUnavailable',
    });
  });

  it('ends with the reason of its signal, also while it waits', async () => {
    const abort = new AbortController();
    const result = withRetry(() => Promise.reject(down()), {
      signal: abort.signal,
      minDelayMs: 60_000,
      maxDelayMs: 60_000,
    });
    abort.abort(new Error('shutting down'));

    await expect(result).rejects.toThrow('shutting down');
  });

  it('waits longer each time, up to the most', async () => {
    const delays: number[] = [];
    let last = performance.now();
    const onRetry = () => {
      delays.push(performance.now() - last);
      last = performance.now();
    };
    await withRetry(failing(down(), down(), down(), down()), { minDelayMs: 20, maxDelayMs: 40, onRetry });

    expect(delays[1]).toBeGreaterThanOrEqual(18);
    expect(delays[2]).toBeGreaterThanOrEqual(36);
  });
});
