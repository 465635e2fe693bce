import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { profileModel } from '@openimo/inference';
import { slowToProfileModel } from '@openimo/inference/testing';
import { digitsCnn } from '@openimo/models';
import type { Hex } from 'viem';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import { get, TestBed } from './testing/test-bed.js';
import { TestChain } from './testing/test-chain.js';

const HOSTILE = 10;
/** Of which the specification takes minutes. */
const PRODUCTS = 12;
/** Ten first looks of 15 s and a little, three at a time; one after another they would take an hour. */
const PROMPTLY_SECONDS = 150;

let bed: TestBed;
let node: NodeProcess;
let httpPort: number;
beforeAll(async () => {
  bed = await TestBed.start(await TestChain.start());
  node = bed.run(await bed.operator('alice'));
  ({ httpPort } = await node.ready());
}, 120_000);
afterAll(() => bed?.end(), 30_000);

interface Shown {
  readonly versionId: string;
  readonly state: string;
  readonly reason?: string;
}

async function shown(): Promise<Shown[]> {
  return (await get(httpPort, '/status')).body['versions'] as Shown[];
}

it('an operator enrols promptly for a version that was published after ten whose files take minutes', async () => {
  for (let i = 0; i < HOSTILE; i++) {
    const file = slowToProfileModel(PRODUCTS, `hostile ${i}`);
    await bed.store.put(file);
    const fileHash: Hex = `0x${createHash('sha256').update(file).digest('hex')}`;
    await bed.chain.publish(fileHash, 256 * 1_024, 1_024, fileHash);
  }
  await bed.store.put(await readFile(digitsCnn.modelPath));
  const { sha256, modelRoot } = await profileModel(digitsCnn.modelPath);

  const startedAt = performance.now();
  const honest = await bed.chain.publish(sha256, digitsCnn.inputBytes, digitsCnn.outputBytes, modelRoot);
  await eventually(
    async () => (await shown()).find(({ versionId }) => versionId === String(honest)),
    (version) => version?.state === 'enrolled',
    { what: 'the honest version to be enrolled', timeoutMs: PROMPTLY_SECONDS * 1_000 },
  );

  process.stdout.write(`enrolled after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s\n`);
  const slow = (await shown()).filter(({ reason = '' }) => reason.includes('ProfileTimedOut'));
  expect(slow.length).toBeGreaterThan(0);
  expect((await get(httpPort, '/ready')).status).toBe(200);
}, 600_000);
