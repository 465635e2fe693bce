import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@openimo/chain';
import { digits } from '@openimo/models';
import { eventually } from './testing/eventually.js';
import { get, TestBed } from './testing/test-bed.js';
import { TestChain } from './testing/test-chain.js';

const ASSERTED = 2;
const FINAL = 3;
const { pixels } = digits.heldBack()[0]!;

let folder: string;
let bed: TestBed;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openimo-outage-'));
  bed = await TestBed.start(await TestChain.start({ statePath: join(folder, 'chain.json') }));
}, 60_000);
afterEach(async () => {
  await bed?.end();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

const toBe = (status: number) => (requests: readonly { readonly status: number }[]) =>
  requests.every((request) => request.status === status);
const requests = (...ids: bigint[]) => Promise.all(ids.map((id) => bed.chain.request(id)));

describe('An operator', () => {
  it('goes on where it was when the chain comes back, and leaves when it is another chain', async () => {
    const node = bed.run(await bed.operator('alice'));
    const { httpPort } = await node.ready();
    const before = await bed.chain.ask(pixels);
    await eventually(() => requests(before), toBe(ASSERTED), { what: 'the answer' });

    await bed.chain.anvil.stop();
    await eventually(
      () => get(httpPort, '/ready'),
      ({ status, body }) => status === 503 && JSON.stringify(body).includes('chain: does not answer'),
      { what: '/ready to say that the chain is gone' },
    );
    expect((await get(httpPort, '/live')).status).toBe(200);
    await bed.chain.restart();
    const after = await bed.chain.askBatch([pixels]);
    await eventually(() => requests(before, after), toBe(FINAL), { what: 'both to be final' });
    await eventually(
      () => get(httpPort, '/ready'),
      ({ status }) => status === 200,
      { what: '/ready again' },
    );

    await bed.chain.replace();
    expect(await node.exit()).toBe(1);
    expect(node.lines.filter(({ level }) => level === 60).map(({ err }) => (err as { code: string }).code)).toEqual([
      'GenesisChanged',
    ]);
  }, 150_000);

  it('loses nothing while the database is away', async () => {
    const node = bed.run(await bed.operator('alice'));
    const { httpPort } = await node.ready();
    const before = await bed.chain.ask(pixels);
    await eventually(() => requests(before), toBe(ASSERTED), { what: 'the answer' });

    await bed.database.kill();
    const during = await bed.chain.askBatch([pixels]);
    await eventually(
      () => get(httpPort, '/ready'),
      ({ status, body }) => status === 503 && JSON.stringify(body).includes('database: does not answer'),
      { what: '/ready to say that the database is gone' },
    );
    await sleep(1_000);
    await bed.restartDatabase();

    await eventually(() => requests(before, during), toBe(FINAL), { what: 'both to be final' });
    const events = await bed.chain.oracleEvents();
    expect(events.filter(({ eventName }) => eventName === 'OutputAsserted')).toHaveLength(2);
  }, 150_000);

  it('says when it is out of funds, and goes on when there are some', async () => {
    const httpPort = await freePort();
    const operator = await bed.operator('alice', '0', { OPENIMO_HTTP_PORT: String(httpPort) });
    const node = bed.run(operator);
    const problems = async () => JSON.stringify((await get(httpPort, '/ready')).body['problems']);
    await eventually(problems, (text) => text.includes('stake: the account cannot pay'), { what: 'the missing stake' });

    await bed.chain.fund(operator.address, '50');
    await node.ready();
    await eventually(problems, (text) => text === undefined, { what: '/ready' });

    await bed.chain.fund(operator.address, '0');
    const requestId = await bed.chain.askBatch([pixels]);
    const text = await eventually(problems, (all) => all?.includes('funds:'), { what: 'the missing funds' });
    expect(text).toContain(`${operator.address} cannot pay for assert:${requestId}:1`);
    expect(node.lines.filter(({ msg }) => msg.startsWith('out of funds'))).not.toHaveLength(0);

    await bed.chain.fund(operator.address, '1');
    await eventually(() => requests(requestId), toBe(FINAL), { what: 'the answer to be final' });
    await eventually(problems, (all) => all === undefined, { what: '/ready again' });
  }, 150_000);

  it('answers when the drawn operator stays silent, once that one has had its time', async () => {
    const alice = await bed.operator('alice', '100', { OPENIMO_STAKE: '60' });
    const bob = await bed.operator('bob', '100', { OPENIMO_STAKE: '2' });
    const silent = bed.run(alice);
    await Promise.all([silent.ready(), bed.run(bob).ready()]);
    await silent.kill();
    await bed.chain.nextEpochs();

    const requestId = await askDrawnTo(alice.address);
    const { requestedAt } = await bed.chain.request(requestId);
    await eventually(() => requests(requestId), toBe(FINAL), { what: 'the answer to be final' });

    const { operator, assertedAt } = await bed.chain.assertion(requestId);
    const { exclusiveWindow } = bed.chain.deployment.parameters.oracle;
    expect(operator).toBe(bob.address);
    expect(assertedAt).toBeGreaterThanOrEqual(requestedAt + exclusiveWindow);
    expect(assertedAt).toBeLessThanOrEqual(requestedAt + exclusiveWindow + 8);
    const penalties = (await bed.chain.oracleEvents()).filter(({ eventName }) => eventName === 'LivenessPenalty');
    expect(penalties.map(({ args }) => (args as { operator: string }).operator)).toContain(alice.address);
  }, 150_000);
});

/** Asks until `operator` is drawn, which has nearly all of the stake. */
async function askDrawnTo(operator: string): Promise<bigint> {
  for (;;) {
    const requestId = await bed.chain.askBatch([pixels]);
    const [drawn] = await eventually(
      () => bed.chain.drawnOperator(requestId),
      () => true,
      { what: 'the draw' },
    );
    if (drawn === operator) return requestId;
  }
}
