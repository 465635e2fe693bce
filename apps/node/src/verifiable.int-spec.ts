import { readFile } from 'node:fs/promises';
import { profileModel } from '@openimo/inference';
import { digits, digitsCnn, gpt } from '@openimo/models';
import { openDatabase } from '@openimo/persistence';
import type { Hex } from 'viem';
import { eventually } from './testing/eventually.js';
import { get, type Operator, TestBed } from './testing/test-bed.js';
import { TestChain } from './testing/test-chain.js';

const FINAL = 3;
const OPEN = 1;
const MOST_NEW_BYTES = 12;
const example = digits.heldBack()[3]!;

interface Shown {
  readonly versionId: string;
  readonly state: string;
  readonly reason?: string;
}

let bed: TestBed;
let alice: Operator;
let node: ReturnType<TestBed['run']>;
let httpPort: number;
const hashes = new Map<string, { sha256: Hex; modelRoot: Hex }>();
beforeAll(async () => {
  bed = await TestBed.start(await TestChain.start());
  for (const { name, modelPath } of [digitsCnn, gpt]) {
    await bed.store.put(await readFile(modelPath));
    hashes.set(name, await profileModel(modelPath));
  }
  alice = await bed.operator('alice');
  node = bed.run(alice);
  ({ httpPort } = await node.ready());
}, 120_000);
afterAll(() => bed?.end(), 30_000);

async function publishCnn(root?: Hex): Promise<bigint> {
  const { sha256, modelRoot } = hashes.get(digitsCnn.name)!;
  return bed.chain.publish(sha256, digitsCnn.inputBytes, digitsCnn.outputBytes, root ?? modelRoot);
}

function shownAs(versionId: bigint, ...states: string[]): Promise<Shown> {
  const find = async () => {
    const { versions } = (await get(httpPort, '/status')).body as unknown as { versions: Shown[] };
    return versions.find((version) => version.versionId === String(versionId));
  };
  return eventually(find, (shown) => shown !== undefined && states.includes(shown.state), {
    what: `version ${versionId} to be ${states.join(' or ')}`,
  }) as Promise<Shown>;
}

async function answerOf(requestId: bigint): Promise<Hex> {
  await eventually(
    () => bed.chain.request(requestId),
    ({ status }) => status === FINAL,
    { what: 'the answer to be final' },
  );
  const events = await bed.chain.oracleEvents();
  const answer = events.find(({ eventName, args }) => {
    return eventName === 'OutputAsserted' && (args as { requestId: bigint }).requestId === requestId;
  });
  return (answer!.args as unknown as { outputs: Hex[] }).outputs[0]!;
}

describe('An operator of versions with a model root', () => {
  it('attests the root that it recomputed from the file, and answers', async () => {
    const versionId = await publishCnn();
    await shownAs(versionId, 'enrolled');

    expect(await bed.chain.attestedRoots(versionId)).toEqual([hashes.get(digitsCnn.name)!.modelRoot]);
    const output = await answerOf(await bed.chain.askBatch([example.pixels], versionId));
    expect(digitsCnn.decode(Buffer.from(output.slice(2), 'hex')).label).toBe(example.label);
  }, 120_000);

  it('attests the root of one that writes text, and writes', async () => {
    const { sha256, modelRoot } = hashes.get(gpt.name)!;
    const versionId = await bed.chain.publishText(sha256, gpt.context, MOST_NEW_BYTES, modelRoot);
    await shownAs(versionId, 'enrolled');

    expect(await bed.chain.attestedRoots(versionId)).toEqual([modelRoot]);
    const { requestId, told } = await bed.chain.askPrompt(versionId, 'function transfer(');
    await answerOf(requestId);
    expect(await told()).toHaveLength(MOST_NEW_BYTES);
  }, 120_000);

  it('refuses for good where the registry names another root than the file has', async () => {
    const versionId = await publishCnn(hashes.get(gpt.name)!.modelRoot);

    expect(await shownAs(versionId, 'refused')).toMatchObject({ reason: expect.stringMatching(/^ModelRootWrong/) });
    expect(await bed.chain.attestedRoots(versionId)).toEqual([]);
    expect((await get(httpPort, '/ready')).status).toBe(200);
  }, 120_000);

  it('answers nothing for a model that the runtime runs otherwise than the specification, and stays ready for others', async () => {
    const versionId = await publishCnn();
    await shownAs(versionId, 'enrolled');
    await node.stop();
    const { sha256 } = hashes.get(digitsCnn.name)!;
    const database = await openDatabase(bed.database.url);
    await database.query('update model_profiles set golden_hash = model_root where file_hash = $1', [sha256]);
    await database.destroy();

    node = bed.run(alice);
    ({ httpPort } = await node.ready());
    const requestId = await bed.chain.askBatch([example.pixels], versionId);

    expect(await shownAs(versionId, 'unserved')).toMatchObject({ reason: expect.stringMatching(/^RuntimeDisagrees/) });
    expect((await get(httpPort, '/ready')).status).toBe(200);
    const { problems, warnings } = (await get(httpPort, '/status')).body;
    expect(problems).toEqual([]);
    expect(warnings).toContainEqual(expect.stringContaining(`runs model ${sha256} otherwise than the specification`));
    const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
    expect(metrics).toMatch(/openimo_warnings\{part="golden answers",.*\} 1\n/);
    // Another version is answered all the same.
    await answerOf(await bed.chain.askBatch([example.pixels], 1n));
    expect((await bed.chain.request(requestId)).status).toBe(OPEN);
  }, 120_000);
});
