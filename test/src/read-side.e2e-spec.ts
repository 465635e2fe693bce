import { setTimeout as sleep } from 'node:timers/promises';
import { expectSoundOutbox, FAULTS, seeded } from '@openimo/testing';
import { ReadSide } from './support/read-side.js';
import { Subscriber } from './support/subscriber.js';

const DEEP = process.env['OPENIMO_DEEP'] !== undefined;
/** Each seed is another story of faults. */
const SEEDS = DEEP ? [11, 12, 13, 14] : [11];
const ROUNDS = DEEP ? 40 : 6;
const DEEPEST_REORG = 20;

describe('indexer and GraphQL, whatever happens to them', () => {
  let side: ReadSide;
  let subscriber: Subscriber;
  afterEach(async () => {
    await subscriber?.end();
    await side?.end();
  });

  it.each(SEEDS)(
    'end with the tables of an undisturbed run, and a subscriber that comes back has heard everything once (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
      side = await ReadSide.start(random);
      const { chain, story, node } = side;
      await story.publish();
      await story.serve();
      const sale = await story.offer(2n);
      await story.sell(sale);
      side.startIndexer();
      side.startApi();
      await side.caughtUp();
      subscriber = new Subscriber(side.graphql);

      const acts: readonly (() => Promise<unknown>)[] = [
        () =>
          story.transfer(
            pick(['alice', 'bob']),
            sale,
            chain.addressOf('idler'),
            BigInt(1 + Math.floor(random() * 1e6)),
          ),
        () => story.distribute(pick([1n, 2n]), BigInt(1 + Math.floor(random() * 1e9))),
        () => story.request(undefined),
        () => chain.test.mine({ blocks: 1 + Math.floor(random() * 4) }),
      ];
      const live = async (most: number) => {
        // What does not fit the moment is refused by the contracts, as in life.
        for (let i = random() * most; i > 0; i--) await pick(acts)().catch(() => undefined);
      };
      const lie = async () => {
        node.faults = new Set([pick(FAULTS), pick(FAULTS), pick(FAULTS)]);
        node.chance = 0.1 + random() * 0.4;
      };
      const reorg = (depth: number) => side.reorg(depth);
      const faults: readonly (() => Promise<unknown>)[] = [
        () => side.restart('indexer'),
        () => side.restart('api'),
        () => side.breakDatabase(),
        lie,
        async () => subscriber.interrupt(),
        () => reorg(1 + Math.floor(random() * DEEPEST_REORG)),
      ];
      await lie();
      for (let round = 0; round < ROUNDS; round++) {
        await live(6);
        await pick(faults)();
        await live(4);
        // At no particular moment of what everybody is doing just now.
        await sleep(random() * 400);
        await faults[round % faults.length]!();
        if (random() < 0.2) node.chance = 0;
      }
      node.chance = 0;
      await story.transfer('alice', sale, chain.addressOf('idler'), 1n);
      await side.caughtUp();
      await reorg(DEEPEST_REORG);
      await live(3);
      await chain.test.mine({ blocks: 1 });
      await side.caughtUp();
      const rows = await side.withTables(expectSoundOutbox);
      await heardUpTo(subscriber, rows.length);
      await subscriber.end();
      await side.stopServices();

      expect(await side.tables()).toEqual(await side.undisturbedTables());
      expect(subscriber.heard.map(({ eventId }) => eventId)).toEqual(rows.map(({ eventId }) => eventId));
      expect(subscriber.connections).toBeGreaterThan(1);
      expect(rows.some(({ kind }) => kind === 'retracted')).toBe(true);
      expect(node.lies).toBeGreaterThan(0);
    },
    10 * 60_000,
  );
});

async function heardUpTo({ heard }: Subscriber, position: number): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  while (heard.length < position) {
    if (Date.now() > giveUpAt) throw new Error(`heard ${heard.length} of ${position} announcements`);
    await sleep(20);
  }
}
