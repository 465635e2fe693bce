import { digits } from '@openimo/models';
import { DisputeBed } from './testing/dispute-bed.js';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import { disputesOn, gameEvents } from './testing/puppet.js';
import type { Operator } from './testing/test-bed.js';

const CLOCK = 300;
const images = digits.heldBack().map(({ pixels }) => pixels);

let bed: DisputeBed;
beforeAll(async () => {
  bed = await DisputeBed.start(CLOCK);
}, 120_000);
afterAll(() => bed?.bed.end(), 30_000);

let node: NodeProcess | undefined;
beforeEach(() => bed.nextVersion());
afterEach(() => node?.kill());

async function start(operator: Operator): Promise<void> {
  node = bed.bed.run(operator);
  await node.ready();
}

/** Takes back the newest event of these names, which `reader` has read, if one is given; waits until there is another in its place. */
async function happensAgain(names: readonly string[], reader?: Operator): Promise<void> {
  const find = async () => (await gameEvents(bed.chain)).findLast(({ eventName }) => names.includes(eventName));
  const event = (await find())!;
  if (reader !== undefined) await bed.hasRead(reader.address, event.blockNumber);
  await bed.chain.reorganiseFrom(event.blockNumber);
  await eventually(find, (again) => again !== undefined && again.blockHash !== event.blockHash, {
    what: `${event.eventName} to happen again`,
    timeoutMs: 120_000,
  });
}

describe('A node under whose dispute the chain goes back', () => {
  it('posts its trace and reveals once more where a reorganisation took that, and wins', async () => {
    const alice = await bed.operator('alice');
    await start(alice);
    const answer = await bed.answered(images[0]!);
    let plies = 0;

    const { id, moves } = await bed.attack(answer, 40, async () => {
      await happensAgain(plies++ === 0 ? ['TracePosted'] : ['Revealed', 'ChunkRevealed'], alice);
      return true;
    });

    expect(plies).toBeGreaterThan(1);
    expect(moves.length).toBeGreaterThan(0);
    await bed.chain.passTime(CLOCK);
    await bed.ends(id, 'challengerLost');
    await bed.paid(alice.address);
    expect(node!.lines.map(({ msg }) => msg)).toContain('the chain was reorganised under the disputes');
  }, 300_000);

  it('challenges and picks once more, and convicts', async () => {
    const { cheater, trace, disputed } = await bed.answeredWrongly(images[1]!, 5);
    const bob = await bed.operator('bob', { OPENIMO_ROLE: 'watcher' });
    await start(bob);
    await bed.file(bob, disputed);
    let plies = 0;

    const { id } = await bed.defend(cheater, trace, bob.address, disputed, async () => {
      await happensAgain(plies++ === 0 ? ['Challenged'] : ['Picked']);
      return true;
    });

    expect(plies).toBeGreaterThan(1);
    await bed.ends(id, 'operatorLost');
    await bed.paid(bob.address);
  }, 300_000);

  it('wins what it has won, once, where the conviction itself was taken', async () => {
    const { cheater, trace, disputed } = await bed.answeredWrongly(images[2]!, 6);
    const bob = await bed.operator('bob', { OPENIMO_ROLE: 'watcher' });
    await start(bob);
    await bed.file(bob, disputed);
    const { id } = await bed.defend(cheater, trace, bob.address, disputed);
    await bed.ends(id, 'operatorLost');
    await bed.paid(bob.address);

    await happensAgain(['OperatorConvicted']);

    await bed.ends(id, 'operatorLost');
    await bed.paid(bob.address);
    expect((await disputesOn(bed.chain)).get(id)?.outcome).toBe('operatorLost');
  }, 300_000);
});
