import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeystore, freePort } from '@openimo/chain';
import { digits } from '@openimo/models';
import type { Hex } from 'viem';
import { eventually } from './testing/eventually.js';
import { get, TestBed } from './testing/test-bed.js';
import { QUICK, TestChain } from './testing/test-chain.js';

const ASSERTED = 2;
const FINAL = 3;
const example = digits.heldBack()[0]!;

let folder: string;
let bed: TestBed;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openimo-start-'));
  // Long enough for an early callback to be early on a busy machine.
  const patient = { ...QUICK, oracle: { ...QUICK.oracle, fastWindow: 5 } };
  bed = await TestBed.start(await TestChain.start({ statePath: join(folder, 'chain.json') }, patient));
}, 60_000);
afterEach(async () => {
  await bed?.end();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

const reach = (requestId: bigint, status: number) =>
  eventually(
    () => bed.chain.request(requestId),
    (request) => request.status >= status,
    { what: `request ${requestId} to reach ${status}` },
  );

describe('An operator', () => {
  it('signs with the key of a keystore whose password is in a file, and calls an optimistic client back early', async () => {
    const { address, env } = await bed.operator('alice');
    const { OPENIMO_SIGNER_KEY: key, ...settings } = env;
    const [keystore, password] = [join(folder, 'keystore.json'), join(folder, 'password')];
    await writeFile(keystore, await createKeystore(key as Hex, { password: 'sesame open', scryptN: 4_096 }));
    await writeFile(password, 'sesame open\n');
    const node = bed.run({
      address,
      env: { ...settings, OPENIMO_KEYSTORE: keystore, OPENIMO_KEYSTORE_PASSWORD_FILE: password },
    });
    expect(await node.ready()).toMatchObject({ address });

    const requestId = await bed.chain.askOptimistically(example.pixels);
    const { finalAt } = await eventually(
      () => bed.chain.assertion(requestId),
      ({ delivered }) => delivered,
      { what: 'the early callback' },
    );

    expect(await bed.chain.labelOf(requestId)).toBe(BigInt(example.label));
    await reach(requestId, FINAL);
    const events = await bed.chain.oracleEvents();
    const timeOf = async (name: string) => {
      const all = events.filter(({ eventName }) => eventName === name);
      expect({ name, times: all.length }).toEqual({ name, times: 1 });
      return (await bed.chain.client.getBlock({ blockNumber: all[0]!.blockNumber })).timestamp;
    };
    expect(await timeOf('AICallbackResult')).toBeLessThan(BigInt(finalAt));
    expect(await timeOf('RequestFinalized')).toBeGreaterThanOrEqual(BigInt(finalAt));
    expect(node.lines.map((line) => JSON.stringify(line)).join()).not.toContain('sesame');
  }, 120_000);

  it('waits for a database and a chain that come up after it', async () => {
    const httpPort = await freePort();
    const operator = await bed.operator('alice', '50', { OPENIMO_HTTP_PORT: String(httpPort) });
    await bed.chain.anvil.stop();
    await bed.database.stop();
    const node = bed.run(operator);
    const said = () => node.lines.map(({ msg }) => msg);
    await eventually(said, (all) => all.some((msg) => msg.startsWith('waiting for the database')), {
      what: 'the wait for the database',
    });
    await eventually(said, (all) => all.some((msg) => msg.startsWith('waiting for the chain')), {
      what: 'the wait for the chain',
    });

    await bed.restartDatabase();
    await bed.chain.restart();

    await node.ready();
    expect(await get(httpPort, '/ready')).toMatchObject({ status: 200 });
    await reach(await bed.chain.askBatch([example.pixels]), ASSERTED);
  }, 120_000);
});
