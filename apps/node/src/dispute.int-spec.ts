import { readFileSync } from 'node:fs';
import { inferenceOracleAbi } from '@openimo/contracts';
import { type Answer, disputeId, type Subject } from '@openimo/disputes';
import { commitFile, commitTrace, execute, outputOf, toHex } from '@openimo/donnx';
import { faultyTrace, Random } from '@openimo/donnx/testing';
import { digits } from '@openimo/models';
import { type DataSource, GrievanceRepository, openDatabase } from '@openimo/persistence';
import type { Hex } from 'viem';
import { toStoredAnswer } from './dispute/stored-answer.js';
import { eventually } from './testing/eventually.js';
import type { NodeProcess } from './testing/node-process.js';
import { disputesOn, gameEvents, Puppet } from './testing/puppet.js';
import { type Operator, TestBed } from './testing/test-bed.js';
import { QUICK, TestChain } from './testing/test-chain.js';

/** Seconds of each side's clock, and of the dispute window. */
const CLOCK = 45;
const ASSERTED = 2;
const FINAL = 3;

const model = commitFile(readFileSync(digits.modelPath));
const modelRoot = toHex(model.modelRoot);
const images = digits.heldBack();
const honestTrace = (pixels: Uint8Array) => commitTrace(execute(model.graph, pixels));

let bed: TestBed;
let versionId: bigint;
beforeAll(async () => {
  bed = await TestBed.start(
    await TestChain.start(
      {},
      { ...QUICK, oracle: { ...QUICK.oracle, safeWindow: CLOCK, fastWindow: CLOCK, requestDeadline: 600 } },
    ),
  );
}, 60_000);
afterAll(() => bed?.end(), 30_000);

let nodes: NodeProcess[];
beforeEach(async () => {
  nodes = [];
  versionId = await bed.chain.publish(bed.chain.fileHash, digits.inputBytes, digits.outputBytes, modelRoot);
});
afterEach(() => Promise.all(nodes.map((node) => node.kill())));

describe('The operator of a right answer', () => {
  it('is not convicted by two challengers in bad faith at once, gets their bonds, and its answer becomes final', async () => {
    const alice = await serving('alice');
    await start(alice);
    const { subject, answer } = await answered(images[0]!.pixels);
    const attackers = await Promise.all([Puppet.create(bed.chain), Puppet.create(bed.chain)]);

    const plays = await Promise.all(attackers.map((attacker, seed) => attackWrongly(attacker, subject, answer, seed)));

    for (const { moves } of plays) expect(moves).toContain('pick');
    await bed.chain.passTime(CLOCK);
    const lost = await eventually(
      async () => (await gameEvents(bed.chain)).filter((event) => event.eventName === 'ChallengeLost'),
      ({ length }) => length === 2,
      { what: 'both challengers to lose' },
    );
    const won = lost.reduce((sum, { args }) => sum + sharesOf(args), 0n);
    await eventually(
      () => withdrawnBy(alice.address),
      (amount) => amount === won,
      { what: `${won} wei to be withdrawn` },
    );
    await statusReaches(subject.requestId, FINAL);
    await expectMovesOnce(alice.address);
  }, 180_000);
});

describe('The finder of a wrong answer', () => {
  it('convicts its operator, answers instead, and withdraws', async () => {
    const cheater = await Puppet.create(bed.chain);
    await cheater.serve(versionId, modelRoot);
    const { subject, answer, trace } = await answeredWrongly(cheater, images[1]!.pixels, 5);
    const bob = await serving('bob');
    await start(bob);
    await file(bob, subject, answer);

    const { id, moves } = await defendWrongly(cheater, bob, subject, answer, trace);

    expect(moves).toContain('postTrace');
    await convicted(id);
    await eventually(
      () => withdrawnBy(bob.address),
      (amount) => amount > 0n,
      { what: 'the winnings' },
    );
    await eventually(
      () => bed.chain.assertion(subject.requestId),
      ({ operator }) => operator === bob.address,
      { what: 'the right answer' },
    );
    expect((await disputesOn(bed.chain)).get(id)?.outcome).toBe('operatorLost');
    await expectMovesOnce(bob.address);
  }, 180_000);

  it('convicts an operator that says nothing, by the clock', async () => {
    const cheater = await Puppet.create(bed.chain);
    await cheater.serve(versionId, modelRoot);
    const { subject, answer } = await answeredWrongly(cheater, images[2]!.pixels, 6);
    const bob = await serving('bob');
    await start(bob);
    await file(bob, subject, answer);
    const id = await challenged(bob, subject);

    await bed.chain.passTime(CLOCK);

    await convicted(id);
    expect(await bed.chain.request(subject.requestId)).not.toMatchObject({ status: FINAL });
  }, 180_000);

  it('disputes nothing that is right', async () => {
    const alice = await serving('alice');
    await start(alice);
    const { subject, answer } = await answered(images[3]!.pixels);
    const bob = await serving('bob');
    const node = await start(bob);

    await file(bob, subject, answer);

    await eventually(
      () => node.lines,
      (lines) => lines.some(({ msg, reason }) => msg === 'a grievance was dropped' && reason === 'the answer is right'),
      { what: 'the grievance to be dropped' },
    );
  }, 120_000);
});

async function start(operator: Operator): Promise<NodeProcess> {
  const node = bed.run(operator);
  nodes.push(node);
  await node.ready();
  return node;
}

/** An operator that serves the version of the test, and no other. */
const serving = (name: string): Promise<Operator> => bed.operator(name, '50', { OPENIMO_VERSIONS: String(versionId) });

async function answered(pixels: Uint8Array): Promise<{ subject: Subject; answer: Answer }> {
  const requestId = await bed.chain.askBatch([pixels], versionId);
  await statusReaches(requestId, ASSERTED);
  const { outputRoot } = await standing(requestId);
  const output = outputOf(model.graph, execute(model.graph, pixels));
  return {
    subject: { requestId, round: 0, item: 0 },
    answer: { kind: 'tensors', outputRoot, inputs: [pixels], outputs: [output] },
  };
}

async function answeredWrongly(cheater: Puppet, pixels: Uint8Array, seed: number) {
  const requestId = await bed.chain.askBatch([pixels], versionId);
  const trace = faultyTrace({ model, honest: honestTrace(pixels) }, new Random(seed), model.commitment.outNode, true);
  const output = trace.trace[model.commitment.outNode]!;
  const outputRoot = await cheater.assert(requestId, [output]);
  const answer: Answer = { kind: 'tensors', outputRoot, inputs: [pixels], outputs: [output] };
  return { subject: { requestId, round: 0, item: 0 }, answer, trace };
}

async function attackWrongly(attacker: Puppet, subject: Subject, answer: Answer, seed: number) {
  const [input] = (answer as Extract<Answer, { kind: 'tensors' }>).inputs;
  const trace = faultyTrace({ model, honest: honestTrace(input!) }, new Random(40 + seed), 3, true);
  const id = await attacker.challenge(subject, answer);
  return { id, moves: await attacker.play(id, { side: 'challenger', model, answer, trace }) };
}

async function defendWrongly(
  cheater: Puppet,
  challenger: Operator,
  subject: Subject,
  answer: Answer,
  trace: ReturnType<typeof honestTrace>,
) {
  const id = await challenged(challenger, subject);
  return { id, moves: await cheater.play(id, { side: 'operator', model, answer, trace }) };
}

/** Has a node dispute an answer, as whoever finds it wrong does. */
async function file(operator: Operator, { requestId, round, item }: Subject, answer: Answer): Promise<void> {
  await inDatabase((database) =>
    new GrievanceRepository(database, bed.chain.client.chain!.id, operator.address).add({
      ...{ requestId, round, item, versionId },
      answer: toStoredAnswer(answer),
    }),
  );
}

function challenged(by: Operator, subject: Subject): Promise<Hex> {
  const id = disputeId(subject, by.address);
  return eventually(
    async () => ((await disputesOn(bed.chain)).has(id) ? id : undefined),
    (found) => found !== undefined,
    { what: 'the challenge' },
  ) as Promise<Hex>;
}

async function convicted(id: Hex): Promise<void> {
  await eventually(
    async () => (await disputesOn(bed.chain)).get(id)?.outcome,
    (outcome) => outcome === 'operatorLost',
    { what: 'the conviction' },
  );
}

async function statusReaches(requestId: bigint, status: number): Promise<void> {
  await eventually(
    () => bed.chain.request(requestId),
    (request) => request.status >= status,
    { timeoutMs: 90_000, what: `request ${requestId} to reach ${status}` },
  );
}

function standing(requestId: bigint) {
  return bed.chain.client.readContract({
    address: bed.chain.deployment.addresses.inferenceOracle,
    abi: inferenceOracleAbi,
    functionName: 'standing',
    args: [requestId],
  });
}

/** What the game has paid out to an account, in wei. */
async function withdrawnBy(account: Hex): Promise<bigint> {
  const events = await gameEvents(bed.chain);
  return events.reduce(
    (sum, event) => (event.eventName === 'Withdrawn' && event.args.account === account ? sum + event.args.amount : sum),
    0n,
  );
}

function sharesOf({ gasShare, reward }: { readonly gasShare: bigint; readonly reward: bigint }): bigint {
  return gasShare + reward;
}

/** Each move of a dispute has a row, took effect once, and none was sent that the chain then refused. */
async function expectMovesOnce(account: Hex): Promise<void> {
  const rows = await inDatabase<{ key: string; receipt_status: string | null }[]>((database) =>
    database.query('select key, receipt_status from transactions where account = $1 order by nonce', [
      account.toLowerCase(),
    ]),
  );
  const moves = rows.filter(({ key }) => /^(challenge|trace|dispute)/.test(key));
  expect(moves.length).toBeGreaterThan(0);
  expect(moves.filter(({ receipt_status: status }) => status === 'reverted')).toEqual([]);
  expect(moves.filter(({ key }) => !key.endsWith('#1') && !key.startsWith('dispute-winnings'))).toEqual([]);
}

async function inDatabase<T>(work: (database: DataSource) => Promise<T>): Promise<T> {
  const database = await openDatabase(bed.database.url, { migrate: false });
  try {
    return await work(database);
  } finally {
    await database.destroy();
  }
}
