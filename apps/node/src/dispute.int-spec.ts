import { digits } from '@openimo/models';
import type { Address } from 'viem';
import { DisputeBed, FINAL } from './testing/dispute-bed.js';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import type { Operator } from './testing/test-bed.js';

const CLOCK = 300;
const images = digits.heldBack().map(({ pixels }) => pixels);

let bed: DisputeBed;
beforeAll(async () => {
  bed = await DisputeBed.start(CLOCK);
}, 120_000);
afterAll(() => bed?.bed.end(), 30_000);

let nodes: NodeProcess[];
beforeEach(async () => {
  nodes = [];
  await bed.nextVersion();
});
afterEach(() => Promise.all(nodes.map((node) => node.kill())));

async function start(operator: Operator): Promise<NodeProcess> {
  const node = bed.bed.run(operator);
  nodes.push(node);
  await node.ready();
  return node;
}

/** Each move of a dispute has a row, took effect once, and none was sent that the chain then refused. */
async function expectMovesOnce(account: Address): Promise<void> {
  const moves = await bed.movesOf(account);
  expect(moves.length).toBeGreaterThan(0);
  expect(moves.filter(({ receipt_status: status }) => status === 'reverted')).toEqual([]);
  expect(moves.filter(({ key }) => !key.endsWith('#1') && !key.startsWith('dispute-winnings'))).toEqual([]);
}

describe('The operator of a right answer', () => {
  it('is not convicted by two challengers in bad faith at once, gets their bonds, and its answer becomes final', async () => {
    const alice = await bed.operator('alice');
    await start(alice);
    const answer = await bed.answered(images[0]!);

    const attacks = await Promise.all([bed.attack(answer, 40), bed.attack(answer, 41)]);

    for (const { moves } of attacks) expect(moves).toContain('pick');
    await bed.chain.passTime(CLOCK);
    for (const { id } of attacks) await bed.ends(id, 'challengerLost');
    await bed.paid(alice.address);
    await bed.chain.finalize(answer.subject.requestId);
    await bed.reaches(answer.subject.requestId, FINAL);
    await expectMovesOnce(alice.address);
  }, 240_000);
});

describe('The finder of a wrong answer', () => {
  it('convicts its operator, answers instead, and withdraws', async () => {
    const { cheater, trace, disputed } = await bed.answeredWrongly(images[1]!, 5);
    const bob = await bed.operator('bob');
    await start(bob);
    await bed.file(bob, disputed);

    const { id, moves } = await bed.defend(cheater, trace, bob.address, disputed);

    expect(moves).toContain('postTrace');
    await bed.ends(id, 'operatorLost');
    await bed.paid(bob.address);
    await eventually(
      () => bed.chain.assertion(disputed.subject.requestId),
      ({ operator }) => operator === bob.address,
      { what: 'the right answer', timeoutMs: 120_000 },
    );
    await expectMovesOnce(bob.address);
  }, 240_000);

  it('convicts an operator that says nothing, by the clock', async () => {
    const { disputed } = await bed.answeredWrongly(images[2]!, 6);
    const bob = await bed.operator('bob');
    await start(bob);
    await bed.file(bob, disputed);
    const id = await bed.challenged(bob.address, disputed.subject);

    await bed.chain.passTime(CLOCK);

    await bed.ends(id, 'operatorLost');
    await bed.paid(bob.address);
    await expectMovesOnce(bob.address);
  }, 240_000);

  it('finds it by itself where it watches, and of a batch disputes the wrong item alone', async () => {
    const watching = { OPENIMO_ROLE: 'watcher', OPENIMO_WATCH: 'all' };
    const watcher = await bed.operator('watcher', watching);
    await start(watcher);

    const { cheater, trace, disputed } = await bed.answeredWrongly(images[4]!, 7, [images[5]!, images[6]!]);
    const { id } = await bed.defend(cheater, trace, watcher.address, disputed);

    await bed.ends(id, 'operatorLost');
    await bed.paid(watcher.address);
    expect(await bed.disputedBy(watcher.address, disputed.subject.requestId)).toEqual([1]);
    await expectMovesOnce(watcher.address);
  }, 240_000);

  it('disputes nothing that is right', async () => {
    const alice = await bed.operator('alice');
    await start(alice);
    const answer = await bed.answered(images[3]!);
    const bob = await bed.operator('bob');
    const node = await start(bob);

    await bed.file(bob, answer);

    await eventually(
      () => node.lines,
      (lines) => lines.some(({ msg, reason }) => msg === 'a grievance was dropped' && reason === 'the answer is right'),
      { what: 'the grievance to be dropped', timeoutMs: 120_000 },
    );
    expect(await bed.movesOf(bob.address)).toEqual([]);
  }, 240_000);
});
