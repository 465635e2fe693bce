import { setTimeout as sleep } from 'node:timers/promises';
import { local } from '@openimo/contracts';
import { digits } from '@openimo/models';
import { openDatabase } from '@openimo/persistence';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import { type Operator, TestBed } from './testing/test-bed.js';
import { QUICK, TestChain } from './testing/test-chain.js';

/** `npm run test:deep` turns these up. */
const KILLS = Number(process.env['OPENIMO_KILLS'] ?? 16);
const REQUESTS = Math.max(20, Math.round(KILLS * 1.25));
/** Milliseconds that a process lives at least and at most: from before it has connected to well into its work. */
const LIFE_MS = [300, 4_000] as const;
const FINAL = 3;

let bed: TestBed;
beforeAll(async () => {
  const patient = {
    ...QUICK,
    oracle: { ...local.oracle, safeWindow: 6, fastWindow: 2, exclusiveWindow: 3, requestDeadline: 600 },
  };
  const chain = await TestChain.start({}, patient);
  // Empty: they are killed while they migrate, too.
  bed = await TestBed.start(chain, { empty: true });
}, 60_000);
afterAll(() => bed?.end(), 30_000);

it(
  `answers and finalizes ${REQUESTS} requests exactly once while two operators are killed ${KILLS} times at random moments`,
  async () => {
    const operators = await Promise.all(['alice', 'bob'].map((name) => bed.operator(name)));
    const asked = askAll();
    let kills = 0;
    const lives = await Promise.all(
      operators.map(async (operator) => {
        while (kills < KILLS) {
          const node = bed.run(operator);
          await sleep(LIFE_MS[0] + Math.random() * (LIFE_MS[1] - LIFE_MS[0]));
          kills++;
          await node.kill();
        }
        return bed.run(operator);
      }),
    );
    const requestIds = await asked;
    await eventually(
      () => Promise.all(requestIds.map((id) => bed.chain.request(id))),
      (requests) => requests.every(({ status }) => status === FINAL),
      { timeoutMs: 100_000 + REQUESTS * 1_000, what: 'every request to be final' },
    );

    await everythingHappenedOnce(requestIds);
    await everyTransactionCounted(operators, lives);
  },
  240_000 + KILLS * 5_000,
);

/** Now a digit with a callback, now a batch of three without. */
async function askAll(): Promise<bigint[]> {
  const requestIds: bigint[] = [];
  const images = digits.heldBack();
  for (let i = 0; i < REQUESTS; i++) {
    requestIds.push(
      i % 3 === 2
        ? await bed.chain.askBatch(images.slice(i, i + 3).map(({ pixels }) => pixels))
        : await bed.chain.ask(images[i]!.pixels),
    );
    await sleep(200);
  }
  return requestIds;
}

async function everythingHappenedOnce(requestIds: readonly bigint[]): Promise<void> {
  const events = await bed.chain.oracleEvents();
  const count = (name: string, id: bigint) =>
    events.filter(({ eventName, args }) => eventName === name && (args as { requestId?: bigint }).requestId === id)
      .length;
  for (const id of requestIds) {
    const happened = {
      asserted: count('OutputAsserted', id),
      finalized: count('RequestFinalized', id),
      refunded: count('RequestRefunded', id),
      failed: count('CallbackFailed', id),
    };
    expect({ id, ...happened }).toEqual({ id, asserted: 1, finalized: 1, refunded: 0, failed: 0 });
  }
  for (const [i, id] of requestIds.entries()) {
    if (i % 3 === 2) continue;
    expect(count('AICallbackResult', id)).toBe(1);
    const asserted = events.find((event) => event.eventName === 'OutputAsserted' && event.args.requestId === id)!;
    const [output] = (asserted.args as { outputs: readonly `0x${string}`[] }).outputs;
    const { label } = digits.decode(Buffer.from(output!.slice(2), 'hex'));
    expect(await bed.chain.labelOf(id)).toBe(BigInt(label));
  }
}

/** Every nonce the chain has used is a row, every key is there once, and nothing was sent that the chain then refused. */
async function everyTransactionCounted(operators: readonly Operator[], nodes: readonly NodeProcess[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.stop()));
  const database = await openDatabase(bed.database.url, { migrate: false });
  try {
    for (const { address } of operators) {
      const rows: { nonce: string; key: string; receipt_status: string }[] = await database.query(
        'select nonce, key, receipt_status from transactions where account = $1 order by nonce',
        [address.toLowerCase()],
      );
      const used = await bed.chain.client.getTransactionCount({ address });
      // The last ones may not be mined yet: the nodes were stopped at any moment too.
      expect(rows.map(({ nonce }) => Number(nonce))).toEqual(rows.map((_, nonce) => nonce));
      expect(rows.length).toBeGreaterThanOrEqual(used);
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
      const wasted = rows.filter(({ receipt_status }) => receipt_status === 'reverted');
      // Both operators may pass the dry run in the same block; then one of the two answers is refused.
      expect(wasted.filter(({ key }) => !key.startsWith('assert:'))).toEqual([]);
    }
  } finally {
    await database.destroy();
  }
}
