/**
 * Keys of transactions. An effect (answer request 7 in round 1) may need several attempts, one after another: each has a row and
 * a key of its own, numbered from 1 without gaps, so the rows themselves say which attempt is the last.
 */
export function attemptKey(effect: string, attempt: number): string {
  return `${effect}#${attempt}`;
}

/** The highest attempt that `exists`, 0 for none: by doubling, then halving, so that thousands cost a dozen look-ups. */
export async function lastAttempt(exists: (attempt: number) => Promise<boolean>, known = 0): Promise<number> {
  let step = 1;
  let low = known;
  while (await exists(low + step)) {
    low += step;
    step *= 2;
  }
  let high = low + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await exists(middle)) low = middle;
    else high = middle;
  }
  return low;
}
