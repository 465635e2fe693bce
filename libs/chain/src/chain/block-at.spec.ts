import fc from 'fast-check';
import { blockAt } from './block-at.js';

/** A chain whose blocks have these times. */
function chainOf(times: readonly number[]) {
  const client = {
    getBlockNumber: async () => BigInt(times.length - 1),
    getBlock: async ({ blockNumber }: { blockNumber: bigint }) => ({ timestamp: BigInt(times[Number(blockNumber)]!) }),
  };
  return client as unknown as Parameters<typeof blockAt>[0];
}

it('finds the first block that is not older, whatever the gaps between blocks', async () => {
  const gaps = fc.array(fc.nat(20), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(gaps, fc.nat(900), fc.nat(39), async (between, timestamp, start) => {
      const times = between.reduce<number[]>((all, gap) => [...all, (all.at(-1) ?? 0) + gap], []);
      const from = Math.min(start, times.length);
      const first = times.findIndex((time, block) => block >= from && time >= timestamp);
      expect(await blockAt(chainOf(times), timestamp, BigInt(from))).toBe(BigInt(first === -1 ? times.length : first));
    }),
  );
});
