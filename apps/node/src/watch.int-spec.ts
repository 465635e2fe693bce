import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { alphabetModel } from '@openimo/inference/testing';
import { digits } from '@openimo/models';
import { StrayOperator, type StrayVersion } from '@openimo/testing';
import type { Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import { get, type Operator, TestBed } from './testing/test-bed.js';
import { QUICK, TestChain } from './testing/test-chain.js';

const CONTEXT = 16;
const MOST_NEW_BYTES = 6;
const WATCHER = { OPENIMO_ROLE: 'watcher' };
/** Long enough to judge everything on a busy machine, kills included. */
const PATIENT = { ...QUICK, oracle: { ...QUICK.oracle, safeWindow: 300, fastWindow: 240, requestDeadline: 300 } };

const sha256 = (content: Uint8Array): Hex => `0x${createHash('sha256').update(content).digest('hex')}`;
const text = (written: string): Hex => `0x${Buffer.from(written).toString('hex')}`;
/** With another first byte. */
const wrongly = (output: Hex): Hex =>
  `0x${(Number.parseInt(output.slice(2, 4), 16) ^ 1).toString(16).padStart(2, '0')}${output.slice(4)}`;
const alphabet = alphabetModel({ context: CONTEXT, last: 'y' });
const images = digits.heldBack().map(({ pixels }) => pixels);

let bed: TestBed;
let stray: StrayOperator;
let writer: bigint;
beforeAll(async () => {
  bed = await TestBed.start(await TestChain.start({}, PATIENT));
  await bed.store.put(alphabet);
  writer = await bed.chain.publishText(sha256(alphabet), CONTEXT, MOST_NEW_BYTES);
  stray = await strayOn(bed.chain, { versionId: 1n }, { versionId: writer });
}, 120_000);
afterAll(() => bed?.end(), 30_000);

async function strayOn(chain: TestChain, ...versions: StrayVersion[]): Promise<StrayOperator> {
  const account = privateKeyToAccount(generatePrivateKey());
  await chain.fund(account.address, '100');
  const { client, deployment, anvil } = chain;
  return StrayOperator.enrol({ client, deployment, rpcUrl: anvil.rpcUrl }, account, versions);
}

interface Seen {
  readonly verdict: string;
  readonly item?: number;
  readonly expected?: string;
  readonly code?: string;
}

/** What the watcher said about a request, each time it said something. */
function verdictsOn(requestId: bigint, ...nodes: readonly NodeProcess[]): Seen[] {
  return nodes
    .flatMap(({ lines }) => lines)
    .filter((line) => line['verdict'] !== undefined && line['requestId'] === String(requestId))
    .map((line) => line as unknown as Seen);
}

const verdictOn = (requestId: bigint, ...nodes: readonly NodeProcess[]) =>
  eventually(
    () => verdictsOn(requestId, ...nodes).at(-1),
    (verdict) => verdict !== undefined,
    { what: 'a verdict', timeoutMs: 120_000 },
  ) as Promise<Seen>;

describe('A watcher', () => {
  let watcher: Operator;
  let node: NodeProcess;
  beforeAll(async () => {
    watcher = await bed.operator('watcher', '50', WATCHER);
    node = bed.run(watcher);
    await node.ready();
  }, 60_000);

  it('finds a right answer right, item by item', async () => {
    const requestId = await bed.chain.askBatch(images.slice(0, 3));
    await stray.answer(requestId, await bed.answerTo(...images.slice(0, 3)));

    expect(await verdictOn(requestId, node)).toMatchObject({ verdict: 'right', claims: 3 });
  }, 150_000);

  it('finds the item of a batch that is wrong, and says what is right', async () => {
    const right = await bed.answerTo(...images.slice(0, 3));
    const requestId = await bed.chain.askBatch(images.slice(0, 3));
    const wrong = right.with(1, wrongly(right[1]!));
    await stray.answer(requestId, wrong);

    expect(await verdictOn(requestId, node)).toMatchObject({
      verdict: 'wrong',
      item: 1,
      expected: right[1],
      asserted: wrong[1],
      operator: stray.address.toLowerCase(),
    });
  }, 150_000);

  it.each([
    ['is as the model writes it', 'abc', 'defghi', { verdict: 'right', claims: 6 }],
    ['ends where the model ends it', 'uvw', 'xy', { verdict: 'right', claims: 3 }],
    ['has a wrong byte', 'abc', 'deXYZi', { verdict: 'wrong', item: 2, expected: '0x66', asserted: '0x58' }],
    ['ends too early', 'abc', 'defg', { verdict: 'wrong', item: 4, expected: '0x68', asserted: '0x00' }],
    ['is not there', 'abc', '', { verdict: 'wrong', item: 0, expected: '0x64', asserted: '0x00' }],
    ['goes on behind its end', 'uvw', 'xyz', { verdict: 'wrong', item: 2, expected: '0x00', asserted: '0x7a' }],
  ])(
    'judges a text by its steps: one that %s',
    async (_, prompt, written, verdict) => {
      const { requestId } = await bed.chain.askPrompt(writer, prompt);
      await stray.answer(requestId, [text(written)]);

      expect(await verdictOn(requestId, node)).toMatchObject(verdict);
    },
    150_000,
  );

  it('waits for the file of a model that arrives late', async () => {
    const late = alphabetModel({ context: CONTEXT, last: 'x' });
    const versionId = await bed.chain.publishText(sha256(late), CONTEXT, MOST_NEW_BYTES);
    const operator = await strayOn(bed.chain, { versionId });
    const { requestId } = await bed.chain.askPrompt(versionId, 'abc');
    await operator.answer(requestId, [text('defghi')]);
    await eventually(
      () => node.lines,
      (lines) => lines.some(({ msg, requestId: id }) => msg === 'cannot judge an answer yet' && id === `${requestId}`),
      { what: 'the first attempt' },
    );
    expect(verdictsOn(requestId, node)).toEqual([]);

    await bed.store.put(late);

    expect(await verdictOn(requestId, node)).toMatchObject({ verdict: 'right' });
  }, 150_000);

  it('judges again where a reorganisation puts another answer in its place', async () => {
    const [right] = await bed.answerTo(images[5]!);
    const requestId = await bed.chain.askBatch([images[5]!]);
    const { blockNumber } = await stray.answer(requestId, [wrongly(right!)]);
    expect(await verdictOn(requestId, node)).toMatchObject({ verdict: 'wrong' });
    const depth = Number((await bed.chain.client.getBlockNumber()) - blockNumber + 1n);

    await bed.chain.reorganise(depth);
    await stray.answer(requestId, [right!]);

    await eventually(
      () => verdictsOn(requestId, node).map(({ verdict }) => verdict),
      (verdicts) => verdicts.at(-1) === 'right',
      { what: 'another verdict', timeoutMs: 120_000 },
    );
  }, 240_000);

  it('shows what it thinks, and has sent nothing', async () => {
    const { httpPort } = await restart();
    const { body } = await get(httpPort, '/status');
    const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();

    expect(body).toMatchObject({ role: 'watcher', judgesBy: 'onnxruntime', versions: [], jobs: {}, problems: [] });
    const { wrong } = body['watched'] as { wrong: number };
    expect(wrong).toBeGreaterThan(0);
    expect(metrics).toMatch(new RegExp(`openimo_node_watched_answers\\{.*status="wrong".*\\} ${wrong}\n`));
    expect(metrics).toMatch(/openimo_node_watch_lag_seconds\{.*\} 0/);
    expect(await bed.chain.client.getTransactionCount({ address: watcher.address })).toBe(0);
  }, 150_000);

  async function restart() {
    await node.stop();
    node = bed.run(watcher);
    return node.ready();
  }
});

it('judges every answer of the past whose window is open, and each one once, however often it is killed', async () => {
  const requestIds: bigint[] = [];
  for (let i = 0; i < 12; i++) {
    const requestId = await bed.chain.askBatch([images[i]!, images[i + 1]!]);
    const right = await bed.answerTo(images[i]!, images[i + 1]!);
    await stray.answer(requestId, i % 3 === 0 ? right.with(1, wrongly(right[1]!)) : right);
    requestIds.push(requestId);
  }
  const watcher = await bed.operator('killed', '50', WATCHER);
  const lives: NodeProcess[] = [];
  for (let life = 0; life < 6; life++) {
    const node = bed.run(watcher);
    lives.push(node);
    await sleep(500 + Math.random() * 3_000);
    await node.kill();
  }
  const node = bed.run(watcher);
  lives.push(node);
  const { httpPort } = await node.ready();

  await eventually(
    async () => (await get(httpPort, '/status')).body['watched'] as Record<string, number>,
    (watched) => (watched['waiting'] ?? 0) === 0 && (watched['wrong'] ?? 0) > 0,
    { what: 'every answer to be judged', timeoutMs: 120_000 },
  );
  for (const [i, requestId] of requestIds.entries()) {
    const said = new Set(verdictsOn(requestId, ...lives).map(({ verdict }) => verdict));
    expect([...said]).toEqual([i % 3 === 0 ? 'wrong' : 'right']);
  }
}, 300_000);

it('says which answers became final without its judgement, and why', async () => {
  const chain = await TestChain.start({}, { ...QUICK, oracle: { ...QUICK.oracle, safeWindow: 8 } });
  const other = await TestBed.start(chain);
  try {
    const lost = alphabetModel({ context: CONTEXT, last: 'w' });
    const versionId = await chain.publishText(sha256(lost), CONTEXT, MOST_NEW_BYTES);
    const operator = await strayOn(chain, { versionId });
    const node = other.run(await other.operator('watcher', '50', WATCHER));
    await node.ready();
    const { requestId } = await chain.askPrompt(versionId, 'abc');
    await operator.answer(requestId, [text('defghi')]);

    const said = await verdictOn(requestId, node);

    expect(said).toMatchObject({ verdict: 'unjudgeable', trouble: { code: 'ModelNotFound' } });
  } finally {
    await other.end();
  }
}, 150_000);
