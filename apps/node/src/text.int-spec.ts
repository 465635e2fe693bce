import { createHash } from 'node:crypto';
import { alphabetModel } from '@openimo/inference/testing';
import type { Hex } from 'viem';
import { eventually } from './testing/eventually.js';
import { get, TestBed } from './testing/test-bed.js';
import { TestChain } from './testing/test-chain.js';

const FINAL = 3;
const CONTEXT = 16;
const MOST_NEW_BYTES = 6;

const sha256 = (content: Uint8Array): Hex => `0x${createHash('sha256').update(content).digest('hex')}`;
const alphabet = alphabetModel({ context: CONTEXT, last: 'y' });

let bed: TestBed;
let httpPort: number;
beforeAll(async () => {
  bed = await TestBed.start(await TestChain.start());
  await bed.store.put(alphabet);
  ({ httpPort } = await bed.run(await bed.operator('alice')).ready());
}, 120_000);
afterAll(() => bed?.end(), 30_000);

async function isFinal(requestId: bigint): Promise<void> {
  await eventually(
    () => bed.chain.request(requestId),
    ({ status }) => status === FINAL,
    { what: 'the answer to be final' },
  );
}

describe('An operator of a version that writes text', () => {
  let versionId: bigint;
  beforeAll(async () => {
    versionId = await bed.chain.publishText(sha256(alphabet), CONTEXT, MOST_NEW_BYTES);
  });

  it.each([
    ['until the model ends the text', 'uvw', 'xy'],
    ['as much as the version writes', 'abc', 'defghi'],
    ['until the context is full', 'abcdefghijklm', 'nop'],
    ['nothing where the model has nothing to add', 'xyz', ''],
    ['on from letters of several bytes', 'é!', '"#$%&\''],
  ])(
    'tells a contract written for OAO what it writes: %s',
    async (_, prompt, written) => {
      const { requestId, told } = await bed.chain.askPrompt(versionId, prompt);
      await isFinal(requestId);

      expect(await told()).toBe(written);
    },
    120_000,
  );

  it('refuses a version whose context is not that of the file', async () => {
    const wrong = await bed.chain.publishText(sha256(alphabet), CONTEXT + 1, MOST_NEW_BYTES);
    const shown = await eventually(
      async () =>
        (await get(httpPort, '/status')).body['versions'] as { versionId: string; state: string; reason: string }[],
      (versions) => versions.some(({ versionId: id }) => id === String(wrong)),
      { what: 'a verdict' },
    );

    expect(shown.find(({ versionId: id }) => id === String(wrong))).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('WrongContext'),
    });
  }, 120_000);
});
