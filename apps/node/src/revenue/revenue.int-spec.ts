import { digits } from '@openimo/models';
import { eventually } from '../testing/eventually.js';
import { TestBed } from '../testing/test-bed.js';
import { PRICE, TestChain } from '../testing/test-chain.js';

const FINAL = 3;
const { pixels } = digits.heldBack()[0]!;

let bed: TestBed;
beforeEach(async () => {
  bed = await TestBed.start(await TestChain.start());
}, 60_000);
afterEach(() => bed?.end(), 30_000);

const final = (requestId: bigint) =>
  eventually(
    () => bed.chain.request(requestId),
    ({ status }) => status === FINAL,
    { what: 'the answer to be final' },
  );

describe('An operator', () => {
  it('passes on what waited for holders once there is a token, and nothing before', async () => {
    await bed.run(await bed.operator('alice')).ready();
    await final(await bed.chain.askBatch([pixels]));
    const waiting = await bed.chain.holdersPending(1n);
    expect(waiting).toBeGreaterThan(PRICE / 2n);

    const token = await bed.chain.deployToken();
    await bed.chain.bindToken(token);

    await eventually(
      () => bed.chain.holdersPending(1n),
      (pending) => pending === 0n,
      { what: 'the flush' },
    );
    expect(await bed.chain.client.getBalance({ address: token })).toBe(waiting);
  }, 120_000);

  it('tries a fee again that its ERC-20 refused to move, and collects its share of it', async () => {
    const asset = await bed.chain.deployToken();
    await bed.chain.publishMany(1, undefined, undefined, [asset]);
    const operator = await bed.operator('alice');
    const node = bed.run(operator);
    await node.ready();
    const requestId = await bed.chain.askBatch([pixels], 2n, asset);
    const mend = await bed.chain.breakContract(asset);
    await final(requestId);
    const events = async () => (await bed.chain.oracleEvents()).map(({ eventName }) => eventName);
    expect(await events()).toContain('FeeHeld');
    const refused = () =>
      node.lines.filter(({ effect, msg }) => effect === `distribute:${requestId}` && msg === 'not now');
    await eventually(refused, (lines) => lines.length > 0, { what: 'a try in vain' });

    await mend();

    await eventually(
      () => bed.chain.withdrawnBy(operator.address, asset),
      (paid) => paid === PRICE / 5n,
      { what: 'its share' },
    );
    const sent = node.lines.filter(({ key }) => String(key).startsWith(`distribute:${requestId}#`));
    expect(sent.map(({ msg }) => msg).filter((msg) => msg === 'sent')).toHaveLength(1);
  }, 120_000);
});
