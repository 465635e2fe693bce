import { setTimeout as sleep } from 'node:timers/promises';
import { digits } from '@openimo/models';
import type { Address } from 'viem';
import { DisputeBed } from './testing/dispute-bed.js';
import type { NodeProcess } from './testing/node-process.js';
import { gameEvents } from './testing/puppet.js';
import type { Operator } from './testing/test-bed.js';

/** Long enough for a node that is killed over and over; what is left of it is passed over at the end. */
const CLOCK = 600;
/** `npm run test:deep` turns it up: more lives that end at a random moment between two moves. */
const LIVES = Math.max(1, Math.round(Number(process.env['OPENIMO_KILLS'] ?? 16) / 16));
/** Milliseconds such a life lasts at least and at most: from before it has connected to well into its move. */
const LIFE_MS = [300, 5_000] as const;
const images = digits.heldBack().map(({ pixels }) => pixels);

let bed: DisputeBed;
beforeAll(async () => {
  bed = await DisputeBed.start(CLOCK);
}, 120_000);
afterAll(() => bed?.bed.end(), 30_000);
beforeEach(() => bed.nextVersion());

/** One account, whose process is killed again and again. */
class Mortal {
  #node: NodeProcess;
  kills = 0;

  constructor(readonly operator: Operator) {
    this.#node = bed.bed.run(operator);
  }

  ready() {
    return this.#node.ready();
  }

  /** Dies, lives for random moments, dies, and starts once more. */
  async haunt(): Promise<true> {
    for (let life = 0; life < LIVES; life++) {
      await this.#rise();
      await sleep(LIFE_MS[0] + Math.random() * (LIFE_MS[1] - LIFE_MS[0]));
    }
    await this.#rise();
    return true;
  }

  async #rise(): Promise<void> {
    await this.#node.kill();
    this.kills++;
    this.#node = bed.bed.run(this.operator);
  }

  end(): Promise<void> {
    return this.#node.kill();
  }
}

/** What one dispute announced, and what was sent for it. */
async function expectNothingTwice(account: Address): Promise<void> {
  const moves = await bed.movesOf(account);
  // A life may end after the row and before the block that it would have waited for: then the next one knows.
  expect(moves.filter(({ receipt_status: status }) => status === 'reverted')).toEqual([]);
  const effects = moves.map(({ key }) => key.replace(/#\d+$/, '')).filter((effect) => effect !== 'dispute-winnings');
  expect(new Set(effects).size).toBe(effects.length);
}

it('defends a right answer to the end while it is killed between any two moves and at random moments', async () => {
  const alice = new Mortal(await bed.operator('alice'));
  await alice.ready();
  const answer = await bed.answered(images[0]!);

  const { id, moves } = await bed.attack(answer, 40, () => alice.haunt());

  expect(moves.length).toBeGreaterThan(1);
  expect(alice.kills).toBeGreaterThan(4);
  await alice.haunt();
  await bed.chain.passTime(CLOCK);
  await bed.ends(id, 'challengerLost');
  await bed.paid(alice.operator.address);
  await alice.end();
  await expectNothingTwice(alice.operator.address);
  const revealed = (await gameEvents(bed.chain)).filter(({ eventName }) => eventName === 'TracePosted');
  expect(revealed).toHaveLength(1);
}, 400_000);

it('convicts a cheater while it is killed between any two moves and at random moments', async () => {
  const { cheater, trace, disputed } = await bed.answeredWrongly(images[1]!, 5);
  const bob = new Mortal(await bed.operator('bob', { OPENIMO_ROLE: 'watcher' }));
  await bed.file(bob.operator, disputed);
  await bob.haunt();

  const { id } = await bed.defend(cheater, trace, bob.operator.address, disputed, () => bob.haunt());

  await bed.ends(id, 'operatorLost');
  await bob.haunt();
  await bed.paid(bob.operator.address);
  expect(bob.kills).toBeGreaterThan(4);
  await bob.end();
  await expectNothingTwice(bob.operator.address);
}, 400_000);
