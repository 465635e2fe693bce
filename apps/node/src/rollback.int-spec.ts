import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digits } from '@openimo/models';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import { TestBed } from './testing/test-bed.js';
import { TestChain } from './testing/test-chain.js';

const ASSERTED = 2;
const FINAL = 3;
const images = digits.heldBack();

let folder: string;
let bed: TestBed;
let node: NodeProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openimo-rollback-'));
  // Written when the chain is stopped and at no other time: what SIGKILL loses is known.
  bed = await TestBed.start(
    await TestChain.start({ statePath: join(folder, 'chain.json'), stateIntervalSeconds: 3_600 }),
  );
  node = bed.run(await bed.operator('alice'));
  await node.ready();
}, 60_000);
afterEach(async () => {
  await bed?.end();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

const reach = (requestIds: readonly bigint[], status: number) =>
  eventually(
    () => Promise.all(requestIds.map((id) => bed.chain.request(id))),
    (requests) => requests.every((request) => request.status >= status),
    { what: `requests ${requestIds.join(', ')} to reach ${status}` },
  );

/** The chain as it is now has one answer to each request, which is the right one, and final. */
async function everyAnswerIsRight(asked: ReadonlyMap<bigint, number>): Promise<void> {
  const events = await bed.chain.oracleEvents();
  const of = (name: string, id: bigint) =>
    events.filter(({ eventName, args }) => eventName === name && (args as { requestId?: bigint }).requestId === id);
  expect(of('RequestRefunded', 0n)).toEqual([]);
  for (const [id, image] of asked) {
    expect({ id, answers: of('OutputAsserted', id).length }).toEqual({ id, answers: 1 });
    expect({ id, finals: of('RequestFinalized', id).length }).toEqual({ id, finals: 1 });
    const [output] = (of('OutputAsserted', id)[0]!.args as { outputs: readonly `0x${string}`[] }).outputs;
    const [expected] = await bed.answerTo(images[image]!.pixels);
    expect({ id, output }).toEqual({ id, output: expected });
  }
}

describe('An operator whose chain goes back', () => {
  it('answers what is on the surviving chain when SIGKILL takes the last blocks, under the same ids', async () => {
    const asked = new Map([[await bed.chain.askBatch([images[0]!.pixels]), 0]]);
    await reach([...asked.keys()], ASSERTED);
    await bed.chain.anvil.stop();
    await bed.chain.restart();
    const lost = [
      await bed.chain.askBatch([images[1]!.pixels]),
      await bed.chain.askBatch([images[2]!.pixels]),
      await bed.chain.ask(images[3]!.pixels),
    ];
    await reach([...lost.slice(0, 2), ...asked.keys()], FINAL);
    const before = await bed.chain.client.getBlockNumber();

    await bed.chain.anvil.kill();
    await bed.chain.restart();
    expect(await bed.chain.client.getBlockNumber()).toBeLessThan(before);
    for (const image of [4, 5, 6, 7]) asked.set(await bed.chain.askBatch([images[image]!.pixels]), image);

    expect([...asked.keys()]).toEqual(expect.arrayContaining(lost));
    await reach([...asked.keys()], FINAL);
    await everyAnswerIsRight(asked);
    expect(node.lines.map(({ msg }) => msg)).toContain('the chain was reorganised');
  }, 150_000);

  it('answers the request that has the id now when a reorganisation swaps two', async () => {
    const snapshot = await bed.chain.snapshot();
    const swapped = await bed.chain.askBatch([images[1]!.pixels]);
    await reach([swapped], ASSERTED);

    await bed.chain.revert(snapshot);
    const asked = new Map<bigint, number>();
    for (const image of [2, 1]) asked.set(await bed.chain.askBatch([images[image]!.pixels]), image);

    expect(asked.has(swapped)).toBe(true);
    await reach([...asked.keys()], FINAL);
    await everyAnswerIsRight(asked);
  }, 150_000);

  it('answers again, once, where a reorganisation takes the answer and leaves the request', async () => {
    const requestId = await bed.chain.askBatch([images[1]!.pixels]);
    await reach([requestId], ASSERTED);
    const { blockNumber } = (await bed.chain.oracleEvents()).find(({ eventName }) => eventName === 'OutputAsserted')!;
    const depth = Number((await bed.chain.client.getBlockNumber()) - blockNumber + 1n);

    await bed.chain.reorganise(depth);

    await reach([requestId], FINAL);
    await everyAnswerIsRight(new Map([[requestId, 1]]));
  }, 150_000);

  it('finalizes once more what was final on blocks that are gone, when the window is still open on the others', async () => {
    const requestId = await bed.chain.ask(images[1]!.pixels);
    await reach([requestId], ASSERTED);
    const snapshot = await bed.chain.snapshot();
    await bed.chain.passTime(30);
    await reach([requestId], FINAL);
    await eventually(
      () => node.lines,
      (lines) => lines.some(({ msg, outcome }) => msg === 'request ended' && outcome === 'collected'),
      { what: 'the end of the job' },
    );

    await bed.chain.revert(snapshot);

    await reach([requestId], FINAL);
    await everyAnswerIsRight(new Map([[requestId, 1]]));
  }, 150_000);
});
