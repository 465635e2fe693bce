import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digits } from '@openimo/models';
import { zeroAddress } from 'viem';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import { type Operator, TestBed } from './testing/test-bed.js';
import { TestChain } from './testing/test-chain.js';

const NONE = 0;
const OPEN = 1;
const ASSERTED = 2;
const FINAL = 3;
const images = digits.heldBack();

let folder: string;
let bed: TestBed;
let alice: Operator;
let node: NodeProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openimo-rollback-'));
  // Written when the chain is stopped and at no other time: what SIGKILL loses is known.
  bed = await TestBed.start(
    await TestChain.start({ statePath: join(folder, 'chain.json'), stateIntervalSeconds: 3_600 }),
  );
  alice = await bed.operator('alice');
  node = bed.run(alice);
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
  it('answers what is on the surviving chain when SIGKILL takes the last blocks, old requests and new ones', async () => {
    const asked = new Map([[await bed.chain.askBatch([images[0]!.pixels]), 0]]);
    await reach([...asked.keys()], ASSERTED);
    await bed.chain.anvil.stop();
    await bed.chain.restart();
    const [again, ...gone] = [
      await bed.chain.askBatch([images[1]!.pixels]),
      await bed.chain.askBatch([images[2]!.pixels]),
      await bed.chain.ask(images[3]!.pixels),
    ];
    await reach([again!, gone[0]!, ...asked.keys()], FINAL);
    const before = await bed.chain.client.getBlockNumber();

    await bed.chain.anvil.kill();
    await bed.chain.restart();
    expect(await bed.chain.client.getBlockNumber()).toBeLessThan(before);
    for (const image of [1, 5, 6, 7]) asked.set(await bed.chain.askBatch([images[image]!.pixels]), image);

    // The first was asked again as it was; the others gave their places to other requests.
    expect([...asked.keys()]).toContain(again);
    for (const id of gone) expect([...asked.keys()]).not.toContain(id);
    await reach([...asked.keys()], FINAL);
    await everyAnswerIsRight(asked);
    expect(node.lines.map(({ msg }) => msg)).toContain('the chain was reorganised');
  }, 150_000);

  it('cannot have its answer to one request mined for the one that takes its place', async () => {
    const snapshot = await bed.chain.snapshot();
    const gone = await bed.chain.askBatch([images[1]!.pixels]);
    await reach([gone], ASSERTED);
    const signed = await bed.chain.signedAnswerTo(gone);
    await node.kill();

    await bed.chain.revert(snapshot);
    const instead = await bed.chain.askBatch([images[2]!.pixels]);
    expect(await bed.chain.requestCount()).toBe(1n);
    const lockedBefore = await bed.chain.lockedStakeOf(alice.address);
    const { status } = await bed.chain.broadcast(signed);

    expect(status).toBe('reverted');
    expect((await bed.chain.request(gone)).status).toBe(NONE);
    expect((await bed.chain.request(instead)).status).toBe(OPEN);
    expect((await bed.chain.assertion(instead)).operator).toBe(zeroAddress);
    expect(await bed.chain.lockedStakeOf(alice.address)).toBe(lockedBefore);

    node = bed.run(alice);
    await reach([instead], FINAL);
    await everyAnswerIsRight(new Map([[instead, 2]]));
  }, 150_000);

  it('has its answer mined for the same request when that is asked again, in another block', async () => {
    const snapshot = await bed.chain.snapshot();
    const requestId = await bed.chain.askBatch([images[1]!.pixels]);
    await reach([requestId], ASSERTED);
    const signed = await bed.chain.signedAnswerTo(requestId);
    await node.kill();

    await bed.chain.revert(snapshot);
    await bed.chain.passTime(1);
    expect(await bed.chain.askBatch([images[1]!.pixels])).toBe(requestId);
    await bed.chain.passTime(1);
    const { status } = await bed.chain.broadcast(signed);

    expect(status).toBe('success');
    expect((await bed.chain.assertion(requestId)).operator).toBe(alice.address);
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
