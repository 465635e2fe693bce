import { readFile } from 'node:fs/promises';
import { auditsAbi, disputeGameAbi, inferenceOracleAbi, revenueRouterAbi, waitForReceipt } from '@openimo/contracts';
import { profileModel, RunnerPool } from '@openimo/inference';
import { digits, digitsCnn } from '@openimo/models';
import { StrayOperator } from '@openimo/testing';
import {
  bytesToHex,
  type Chain,
  createWalletClient,
  type Hex,
  http,
  type HttpTransport,
  type WalletClient,
  zeroAddress,
} from 'viem';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import { type Operator, TestBed } from './testing/test-bed.js';
import { PRICE, QUICK, TestChain } from './testing/test-chain.js';

/** Quarters long enough for a busy machine; every answer is audited. */
const WINDOW = 240;
const AUDITED = {
  ...QUICK,
  oracle: { ...QUICK.oracle, safeWindow: WINDOW, fastWindow: 200, requestDeadline: 300 },
  audits: { rate: 1, auditBps: 50 },
};
/** Half of 0.5% of the fee. */
const SHARE = PRICE / 400n;
const { pixels } = digits.heldBack()[3]!;

let bed: TestBed;
let versionId: bigint;
let stray: StrayOperator;
let right: Hex;
let auditors: Operator[];
let nodes: NodeProcess[];
beforeAll(async () => {
  bed = await TestBed.start(await TestChain.start({}, AUDITED));
  const { sha256 } = await bed.store.put(await readFile(digitsCnn.modelPath));
  const { modelRoot } = await profileModel(digitsCnn.modelPath);
  versionId = await bed.chain.publish(sha256, digitsCnn.inputBytes, digitsCnn.outputBytes, modelRoot);
  right = await outputOf(sha256);
  // Nobody watches, and nobody but the stray one answers: what is found, the auditors find.
  const more = { OPENIMO_WATCH: 'none', OPENIMO_VERSIONS: String(versionId) };
  auditors = await Promise.all(['alice', 'bob'].map((name) => bed.operator(name, '50', more)));
  nodes = auditors.map((auditor) => bed.run(auditor));
  await Promise.all(nodes.map((node) => node.ready()));
  await eventually(
    () => bed.chain.attestedRoots(versionId),
    (roots) => roots.length === 2,
    { what: 'the auditors to enrol' },
  );
  const { client, deployment, anvil } = bed.chain;
  const account = privateKeyToAccount(generatePrivateKey());
  await bed.chain.fund(account.address, '100');
  stray = await StrayOperator.enrol({ client, deployment, rpcUrl: anvil.rpcUrl }, account, [{ versionId, modelRoot }]);
  await bed.chain.nextEpochs();
}, 180_000);
afterAll(() => bed?.end(), 30_000);

async function outputOf(model: Hex): Promise<Hex> {
  const runner = new RunnerPool({ store: bed.store });
  try {
    return bytesToHex(await runner.run(model, pixels));
  } finally {
    await runner.close();
  }
}

const events = (address: 'audits' | 'disputeGame') =>
  bed.chain.client.getContractEvents({
    address: bed.chain.deployment.addresses[address],
    abi: [...auditsAbi, ...disputeGameAbi],
    fromBlock: 0n,
    strict: true,
  });

/** The auditors that an event names, of the audits of one request. */
async function told(eventName: 'Committed' | 'Revealed' | 'AuditorPaid' | 'AuditorMissed', auditId: Hex) {
  const found = (await events('audits')).filter((event) => event.eventName === eventName);
  return found.flatMap(({ args }) => ('auditId' in args && args.auditId === auditId ? [args] : []));
}

const happens = <T>(look: () => Promise<readonly T[]>, count: number, what: string) =>
  eventually(look, (seen) => seen.length >= count, { what, timeoutMs: 120_000 });

/** A request whose draw falls on the stray operator; the others are answered by who is drawn. */
async function askStray(): Promise<bigint> {
  for (;;) {
    const requestId = await bed.chain.askBatch([pixels], versionId);
    const drawn = await eventually(
      () => bed.chain.drawnOperator(requestId).catch(() => undefined),
      (draw) => draw !== undefined,
      { what: 'the draw' },
    );
    if (drawn?.[0] === stray.address) return requestId;
  }
}

/** The stray operator answers, and the audit of it begins. */
async function audited(output: Hex): Promise<{ requestId: bigint; auditId: Hex }> {
  const requestId = await askStray();
  await stray.answer(requestId, [output]);
  const selected = async () =>
    (await events('audits')).flatMap(({ eventName, args }) =>
      eventName === 'AuditSelected' && args.requestId === requestId ? [args.auditId] : [],
    );
  const [auditId] = await happens(selected, 1, 'the audit to begin');
  return { requestId, auditId: auditId! };
}

/** Income of the family, part of which fills the pot. */
async function earn(): Promise<void> {
  const value = 10n ** 18n;
  await bystander((wallet) =>
    wallet.writeContract({
      address: bed.chain.deployment.addresses.revenueRouter,
      abi: revenueRouterAbi,
      functionName: 'distribute',
      args: [1n, zeroAddress, value, zeroAddress],
      value,
    }),
  );
}

/** The window passes, and somebody makes the answer final: its operator has no node. */
async function finalize(requestId: bigint): Promise<void> {
  await bed.chain.passTime(WINDOW);
  await bystander((wallet) =>
    wallet.writeContract({
      address: bed.chain.deployment.addresses.inferenceOracle,
      abi: inferenceOracleAbi,
      functionName: 'finalize',
      args: [requestId],
    }),
  );
}

type Wallet = WalletClient<HttpTransport, Chain, PrivateKeyAccount>;

/** Somebody with money and no part in it. */
async function bystander(send: (wallet: Wallet) => Promise<Hex>): Promise<void> {
  const account = privateKeyToAccount(generatePrivateKey());
  await bed.chain.fund(account.address, '2');
  const { chain } = bed.chain.client;
  const hash = await send(createWalletClient({ account, chain, transport: http(bed.chain.anvil.rpcUrl) }));
  await waitForReceipt(bed.chain.client, hash);
}

describe('Operators that are drawn to audit an answer', () => {
  beforeAll(earn, 60_000);

  it('run it again, commit, reveal and are paid, through a kill at any moment', async () => {
    const { requestId, auditId } = await audited(right);
    await nodes[0]!.kill();
    nodes[0] = bed.run(auditors[0]!);
    await happens(() => told('Committed', auditId), 1, 'a commitment');
    await nodes[1]!.kill();
    nodes[1] = bed.run(auditors[1]!);
    const revealed = await happens(() => told('Revealed', auditId), 2, 'both to reveal');

    expect(revealed).toEqual([
      expect.objectContaining({ confirmed: true }),
      expect.objectContaining({ confirmed: true }),
    ]);
    expect(await told('Committed', auditId)).toHaveLength(2);
    await finalize(requestId);
    const paid = await happens(() => told('AuditorPaid', auditId), 2, 'both to be paid');
    expect(paid).toEqual([expect.objectContaining({ amount: SHARE }), expect.objectContaining({ amount: SHARE })]);
    expect((await bed.chain.request(requestId)).status).toBe(3);
    const withdrawn = async () => (await events('audits')).filter(({ eventName }) => eventName === 'Withdrawn');
    await happens(withdrawn, 2, 'both to withdraw');
  }, 400_000);

  it('deny a wrong one, take it to the judge, and are paid when it is convicted', async () => {
    const wrong: Hex = `0x${right.slice(2, -2)}${(Number.parseInt(right.slice(-2), 16) ^ 1).toString(16).padStart(2, '0')}`;
    const { requestId, auditId } = await audited(wrong);
    const revealed = await happens(() => told('Revealed', auditId), 2, 'both to reveal');
    expect(revealed).toEqual([
      expect.objectContaining({ confirmed: false }),
      expect.objectContaining({ confirmed: false }),
    ]);
    const challenges = async () =>
      (await events('disputeGame')).filter(
        ({ eventName, args }) => eventName === 'Challenged' && args.requestId === requestId,
      );
    await happens(challenges, 2, 'both to challenge');

    // Its operator says nothing.
    await bed.chain.passTime(WINDOW + 1);

    await happens(() => told('AuditorPaid', auditId), 2, 'both to be paid');
  }, 400_000);
});
