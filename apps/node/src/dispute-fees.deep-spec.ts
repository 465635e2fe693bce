import { digits } from '@openimo/models';
import { DisputeBed } from './testing/dispute-bed.js';
import { eventually } from './testing/eventually.js';
import { gameEvents, Puppet } from './testing/puppet.js';

const CLOCK = 120;
const { pixels } = digits.heldBack()[0]!;

let bed: DisputeBed;
beforeAll(async () => {
  bed = await DisputeBed.start(CLOCK);
  await bed.nextVersion();
}, 120_000);
afterAll(() => bed?.bed.end(), 30_000);

it('a defender whose move is priced out by a rising base fee offers more, and moves within its clock', async () => {
  const alice = await bed.operator('alice');
  const node = bed.bed.run(alice);
  await node.ready();
  const { subject, answer } = await bed.answered(pixels);
  const liar = await Puppet.create(bed.chain);
  await bed.chain.holdBlocks();
  const challenged = liar.challenge(subject, answer);
  await eventually(
    () => bed.chain.client.getTransactionCount({ address: liar.address, blockTag: 'pending' }),
    (count) => count > 0,
    { what: 'the challenge to be sent' },
  );
  await bed.chain.mine();
  await challenged;
  const find = async () => (await bed.movesOf(alice.address)).find(({ key }) => key.startsWith('trace:'));
  const move = await eventually(find, (found) => found !== undefined, { what: 'the move' });
  const spike = 3n * BigInt(move!.max_fee_per_gas);

  const [posted] = await eventually(
    async () => {
      await bed.chain.mine(spike);
      return (await gameEvents(bed.chain)).filter(({ eventName }) => eventName === 'TracePosted');
    },
    (events) => events.length > 0,
    { what: 'the trace to be posted', timeoutMs: CLOCK * 1_000 },
  );

  const { timestamp, baseFeePerGas } = await bed.chain.client.getBlock({ blockHash: posted!.blockHash });
  const opened = (await gameEvents(bed.chain)).find(({ eventName }) => eventName === 'Challenged')!;
  const { timestamp: since } = await bed.chain.client.getBlock({ blockHash: opened.blockHash });
  expect(Number(timestamp - since)).toBeLessThan(CLOCK);
  expect(baseFeePerGas).toBe(spike);
  const replaced = (await find())!;
  expect(replaced.key).toBe(move!.key);
  expect(replaced.hashes.length).toBeGreaterThan(1);
}, 240_000);
