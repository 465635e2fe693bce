import { digits } from '@openimo/models';
import { DisputeBed, type Disputed } from './testing/dispute-bed.js';
import type { NodeProcess } from './testing/node-process.js';
import type { Operator } from './testing/test-bed.js';

const CLOCK = 300;
const DISPUTES = 8;
const images = digits.heldBack().map(({ pixels }) => pixels);

let bed: DisputeBed;
beforeAll(async () => {
  bed = await DisputeBed.start(CLOCK);
}, 120_000);
afterAll(() => bed?.bed.end(), 30_000);
let node: NodeProcess;
beforeEach(() => bed.nextVersion());
afterEach(() => node?.kill());

/** Each move of the account was made once; none had less than half of its clock left. */
async function expectInTime({ address }: Operator, startedAt: number): Promise<void> {
  const seconds = (performance.now() - startedAt) / 1_000;
  const moves = (await bed.movesOf(address)).filter(({ key }) => !key.startsWith('dispute-winnings'));
  expect(moves.filter(({ key, receipt_status: status }) => !key.endsWith('#1') || status === 'reverted')).toEqual([]);
  const left = node.lines.filter(({ msg }) => msg === 'ply').map((line) => line['secondsLeft'] as number);
  expect(Math.min(...left)).toBeGreaterThan(CLOCK / 2);
  process.stdout.write(
    `${DISPUTES} disputes at once: ${seconds.toFixed(0)} s, ${moves.length} transactions, ` +
      `at least ${Math.min(...left)} of ${CLOCK} s left\n`,
  );
}

it('an operator defends eight right answers at once, each within its clock', async () => {
  const alice = await bed.operator('alice');
  node = bed.bed.run(alice);
  await node.ready();
  const answers: Disputed[] = [];
  for (const pixels of images.slice(0, DISPUTES)) answers.push(await bed.answered(pixels));

  const startedAt = performance.now();
  const attacks = await Promise.all(answers.map((answer, i) => bed.attack(answer, 40 + i)));

  await expectInTime(alice, startedAt);
  for (const { moves } of attacks) expect(moves).toContain('pick');
  await bed.chain.passTime(CLOCK);
  for (const { id } of attacks) await bed.ends(id, 'challengerLost');
  await bed.paid(alice.address);
}, 600_000);

it('a watcher convicts eight cheaters at once, each within its clock', async () => {
  const watcher = await bed.operator('watcher', { OPENIMO_ROLE: 'watcher' });
  const wrong = [];
  for (let i = 0; i < DISPUTES; i++) wrong.push(await bed.answeredWrongly(images[i]!, 60 + i));

  const startedAt = performance.now();
  node = bed.bed.run(watcher);
  await node.ready();
  const defences = await Promise.all(
    wrong.map(({ cheater, trace, disputed }) => bed.defend(cheater, trace, watcher.address, disputed)),
  );
  for (const { id } of defences) await bed.ends(id, 'operatorLost');

  await bed.paid(watcher.address);
  await expectInTime(watcher, startedAt);
}, 600_000);
