import { digits } from '@openimo/models';
import { eventually } from './testing/eventually.js';
import { get, TestBed } from './testing/test-bed.js';
import { TestChain } from './testing/test-chain.js';

const FINAL = 3;

let bed: TestBed;
beforeEach(async () => {
  const chain = await TestChain.start();
  bed = await TestBed.start(chain);
}, 60_000);
afterEach(() => bed.end(), 30_000);

describe('An operator', () => {
  it('registers, enrols, answers a request, delivers it when final and collects its share', async () => {
    const operator = await bed.operator('alice');
    const node = bed.run(operator);
    const ready = await node.ready();
    expect(ready).toEqual({ ready: true, name: 'alice', address: operator.address, httpPort: expect.any(Number) });
    const example = digits.heldBack()[0]!;

    const requestId = await bed.chain.ask(example.pixels);
    await eventually(
      () => bed.chain.request(requestId),
      ({ status }) => status === FINAL,
      { what: 'the answer to be final' },
    );

    expect(await bed.chain.labelOf(requestId)).toBe(BigInt(example.label));
    const status = await eventually(
      () => get(ready.httpPort, '/status'),
      ({ body }) => (body['jobs'] as Record<string, number>)['final'] === 1,
      { what: 'the job to be final' },
    );
    expect(status.body).toMatchObject({
      address: operator.address,
      versions: [{ versionId: '1', state: 'enrolled' }],
      stake: { total: '5000000000000000000', locked: '0' },
    });
    expect(await get(ready.httpPort, '/ready')).toEqual({ status: 200, body: { ready: true } });
    expect(await node.stop()).toBe(0);
  }, 60_000);
});
