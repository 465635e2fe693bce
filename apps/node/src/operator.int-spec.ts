import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { digits } from '@openimo/models';
import type { Hex } from 'viem';
import type { Enrolment } from './enrolment/enrolment.service.js';
import { eventually } from './testing/eventually.js';
import { NodeProcess } from './testing/node-process.js';
import { get, TestBed } from './testing/test-bed.js';
import { PRICE, QUICK, TestChain } from './testing/test-chain.js';

const FINAL = 3;
const REFUNDED = 4;
const example = digits.heldBack()[0]!;

let bed: TestBed;
const start = async (parameters = QUICK) => {
  bed = await TestBed.start(await TestChain.start({}, parameters));
};
afterEach(() => bed?.end(), 30_000);

/** As /status shows them. */
type Shown = Omit<Enrolment, 'versionId'> & { readonly versionId: string };

async function versions(httpPort: number): Promise<Shown[]> {
  return (await get(httpPort, '/status')).body['versions'] as Shown[];
}

const sha256 = (content: Uint8Array): Hex => `0x${createHash('sha256').update(content).digest('hex')}`;

describe('An operator', () => {
  it('registers, enrols, answers a request, delivers it when final and collects its share', async () => {
    await start();
    const operator = await bed.operator('alice');
    const node = bed.run(operator);
    const ready = await node.ready();
    expect(ready).toEqual({ ready: true, name: 'alice', address: operator.address, httpPort: expect.any(Number) });

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
    await eventually(
      () => bed.chain.withdrawnBy(operator.address),
      (paid) => paid === PRICE / 5n,
      { what: 'its share' },
    );
    expect(await node.stop()).toBe(0);
  }, 120_000);

  it('enrols for versions published later once their file is there, and refuses what is not as published', async () => {
    await start();
    const node = bed.run(await bed.operator('alice'));
    const { httpPort } = await node.ready();
    // The same graph in another file: with a comment (ModelProto.doc_string, field 6).
    const digitsFile = await readFile(digits.modelPath);
    const later = Buffer.concat([digitsFile, Buffer.from([0x32, 0x01, 0x2a])]);
    const sizes = [digits.inputBytes, digits.outputBytes] as const;

    await bed.chain.publish(sha256(later), ...sizes);
    await bed.chain.publish(sha256(digitsFile), digits.inputBytes + 1, digits.outputBytes);
    const published = await eventually(
      () => versions(httpPort),
      (seen) => seen.length === 3,
      { what: 'three versions' },
    );
    expect(published.map(({ state }) => state)).toEqual(['enrolled', 'waiting', 'refused']);
    expect(published[1]!.reason).toContain('ModelNotFound');
    expect(published[2]!.reason).toContain('WrongIOLength');

    await bed.store.put(later);
    await eventually(
      () => versions(httpPort),
      (seen) => seen[1]!.state === 'enrolled',
      { what: 'the second enrolment' },
    );
  }, 120_000);

  it('leaves the version that nobody has asked for longest when it is enrolled for as many as it may be', async () => {
    await start();
    await bed.chain.publishMany(31);
    const node = bed.run(await bed.operator('alice'));
    const { httpPort } = await node.ready();
    const states = async () => (await versions(httpPort)).map(({ state }) => state);
    expect(await states()).toEqual(Array(32).fill('enrolled'));
    const asked = await bed.chain.askBatch([example.pixels], 1n);
    await eventually(
      () => bed.chain.request(asked),
      ({ status }) => status === FINAL,
      { what: 'an answer of version 1' },
    );

    await bed.chain.publishMany(1);

    const now = await eventually(states, (seen) => seen[32] === 'enrolled', { what: 'the 33rd enrolment' });
    expect(now.flatMap((state, i) => (state === 'enrolled' ? [] : [{ versionId: i + 1, state }]))).toEqual([
      { versionId: 2, state: 'waiting' },
    ]);
    const requestId = await bed.chain.askBatch([example.pixels], 33n);
    await eventually(
      () => bed.chain.request(requestId),
      ({ status }) => status === FINAL,
      { what: 'an answer of the new version' },
    );
    expect((await states()).filter((state) => state === 'enrolled')).toHaveLength(32);
  }, 120_000);

  it('has a request refunded that nobody could answer in time', async () => {
    await start({ ...QUICK, oracle: { ...QUICK.oracle, requestDeadline: 8 } });
    const node = bed.run(await bed.operator('alice'));
    await node.ready();
    const versionId = await bed.chain.publish(sha256(Buffer.from('lost')), digits.inputBytes, digits.outputBytes);

    const requestId = await bed.chain.askBatch([example.pixels], versionId);

    await eventually(
      () => bed.chain.request(requestId),
      ({ status }) => status === REFUNDED,
      { what: 'the refund' },
    );
  }, 120_000);

  it('ends when the process that started it is gone', async () => {
    await start();
    const node = bed.run(await bed.operator('alice'));
    await node.ready();

    node.disconnect();

    expect(await node.exit()).toBe(0);
  }, 120_000);
});

describe('A node that is not configured', () => {
  it('says which settings are missing and no value, and exits with 1', async () => {
    const node = new NodeProcess({ OPENIMO_RPC_URL: 'ftp://sesame', OPENIMO_SIGNER_KEY: '0xsesame' });

    expect(await node.exit()).toBe(1);
    expect(node.stderr).toContain('OPENIMO_DATABASE_URL is not set');
    expect(node.stderr).toContain('OPENIMO_SIGNER_KEY must be 0x and 64 hexadecimal digits');
    expect(node.stderr).not.toContain('sesame');
  }, 30_000);
});
