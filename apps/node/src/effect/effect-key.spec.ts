import fc from 'fast-check';
import { attemptKey, lastAttempt } from './effect-key.js';

describe('lastAttempt', () => {
  it('finds the last of attempts numbered without gaps, from whatever was known before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(5_000), fc.double({ min: 0, max: 1, noNaN: true }), async (last, share) => {
        const known = Math.floor(last * share);
        expect(await lastAttempt(async (attempt) => attempt <= last, known)).toBe(last);
      }),
    );
  });

  it('needs few look-ups', async () => {
    let lookUps = 0;
    await lastAttempt(async (attempt) => {
      lookUps++;
      return attempt <= 10_000;
    });

    expect(lookUps).toBeLessThan(32);
  });
});

describe('attemptKey', () => {
  it('tells attempts and effects apart', () => {
    const keys = [attemptKey('assert:1:1', 1), attemptKey('assert:1:1', 11), attemptKey('assert:1:11', 1)];

    expect(new Set(keys).size).toBe(3);
  });
});
