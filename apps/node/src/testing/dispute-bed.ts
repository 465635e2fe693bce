import { readFileSync } from 'node:fs';
import { inferenceOracleAbi } from '@openimo/contracts';
import { type Answer, disputeId, type Subject } from '@openimo/disputes';
import {
  commitFile,
  commitTrace,
  type CommittedTrace,
  equalBytes,
  execute,
  type Move,
  outputOf,
  toHex,
} from '@openimo/donnx';
import { faultyTrace, Random } from '@openimo/donnx/testing';
import { digitsCnn } from '@openimo/models';
import { type DataSource, GrievanceRepository, openDatabase } from '@openimo/persistence';
import { type Address, type Hex, parseEther } from 'viem';
import { toStoredAnswer } from '../dispute/stored-answer.js';
import { eventually } from './eventually.js';
import { disputesOn, gameEvents, Puppet } from './puppet.js';
import { type Operator, TestBed } from './test-bed.js';
import { QUICK, TestChain } from './test-chain.js';

export const ASSERTED = 2;
export const FINAL = 3;

const file = readFileSync(digitsCnn.modelPath);
const model = commitFile(file);
/** A step whose tensor is of several chunks, so that a dispute about it takes all kinds of moves. */
const DEEP_STEP = 5;
const modelRoot = toHex(model.modelRoot);
const honestTrace = (pixels: Uint8Array) => commitTrace(execute(model.graph, pixels));

/** One bit of a step's tensor is wrong, and so is what it leads to. */
function wrongTrace(pixels: Uint8Array, seed: number): CommittedTrace {
  const { outNode } = model.commitment;
  const honest = honestTrace(pixels);
  for (const random = new Random(seed); ;) {
    const wrong = faultyTrace({ model, honest }, random, DEEP_STEP, true);
    if (!equalBytes(wrong.trace[outNode]!, honest.trace[outNode]!)) return wrong;
  }
}

/** A move as its row has it; amounts as decimal strings. */
export interface MoveRow {
  readonly key: string;
  readonly receipt_status: string | null;
  readonly max_fee_per_gas: string;
  /** Of every version that was signed. */
  readonly hashes: readonly Hex[];
}

/** An answer that is, or may be, disputed. */
export interface Disputed {
  readonly subject: Subject;
  readonly answer: Answer;
  readonly pixels: Uint8Array;
}

/** Operators and challengers of a convolutional network, in good faith and in bad. */
export class DisputeBed {
  /** Served by those that the test starts, and by no others. */
  versionId = 0n;

  private constructor(
    readonly bed: TestBed,
    readonly clock: number,
  ) {}

  /** @param clock seconds of each side's clock, and of the dispute window */
  static async start(clock: number): Promise<DisputeBed> {
    const oracle = { ...QUICK.oracle, safeWindow: clock, fastWindow: clock, requestDeadline: 600 };
    const bed = await TestBed.start(await TestChain.start({}, { ...QUICK, oracle }));
    await bed.store.put(file);
    return new DisputeBed(bed, clock);
  }

  get chain(): TestChain {
    return this.bed.chain;
  }

  /** A version of its own for the next test. */
  async nextVersion(): Promise<void> {
    const { inputBytes, outputBytes } = digitsCnn;
    this.versionId = await this.chain.publish(toHex(model.commitment.fileHash), inputBytes, outputBytes, modelRoot);
  }

  operator(name: string, more: Record<string, string> = {}): Promise<Operator> {
    return this.bed.operator(name, '50', { OPENIMO_VERSIONS: String(this.versionId), ...more });
  }

  /** A request that the operators that are running have answered. */
  async answered(pixels: Uint8Array): Promise<Disputed> {
    const requestId = await this.chain.askBatch([pixels], this.versionId);
    await this.reaches(requestId, ASSERTED);
    const { outputRoot } = await this.chain.client.readContract({
      address: this.chain.deployment.addresses.inferenceOracle,
      abi: inferenceOracleAbi,
      functionName: 'standing',
      args: [requestId],
    });
    const output = outputOf(model.graph, execute(model.graph, pixels));
    const answer: Answer = { kind: 'tensors', outputRoot, inputs: [pixels], outputs: [output] };
    return { subject: { requestId, round: 0, item: 0 }, answer, pixels };
  }

  /**
   * A request that a cheater has answered with one bit wrong, and how it can defend that.
   *
   * @param others asked in the same batch and answered right, the first of them before the wrong one
   */
  async answeredWrongly(pixels: Uint8Array, seed: number, others: readonly Uint8Array[] = []) {
    const cheater = await Puppet.create(this.chain);
    await cheater.enrol([{ versionId: this.versionId, modelRoot }], parseEther('5'));
    const item = Math.min(1, others.length);
    const inputs = others.toSpliced(item, 0, pixels);
    const requestId = await this.chain.askBatch(inputs, this.versionId);
    const trace = wrongTrace(pixels, seed);
    const right = (input: Uint8Array) => outputOf(model.graph, execute(model.graph, input));
    const outputs = inputs.map((input, i) => (i === item ? trace.trace[model.commitment.outNode]! : right(input)));
    const { outputRoot } = await cheater.answer(requestId, outputs.map(toHex));
    const answer: Answer = { kind: 'tensors', outputRoot, inputs, outputs };
    return { cheater, trace, disputed: { subject: { requestId, round: 0, item }, answer, pixels } };
  }

  /** Challenges with a wrong run of its own, and plays as far as that leads. */
  async attack({ subject, answer, pixels }: Disputed, seed: number, goOn?: (move: Move) => Promise<boolean>) {
    const attacker = await Puppet.create(this.chain);
    const trace = wrongTrace(pixels, seed);
    const id = await attacker.challenge(subject, answer);
    return { id, attacker, moves: await attacker.play(id, { side: 'challenger', model, answer, trace, goOn }) };
  }

  /** Defends a wrong answer against `challenger`, as far as the chain lets it. */
  async defend(
    cheater: Puppet,
    trace: CommittedTrace,
    challenger: Address,
    { subject, answer }: Disputed,
    goOn?: (move: Move) => Promise<boolean>,
  ) {
    const id = await this.challenged(challenger, subject);
    return { id, moves: await cheater.play(id, { side: 'operator', model, answer, trace, goOn }) };
  }

  /** Has a node dispute an answer, as whoever finds it wrong does. */
  async file(operator: Operator, { subject, answer }: Disputed): Promise<void> {
    const { versionId } = this;
    const blockNumber = await this.chain.client.getBlockNumber({ cacheTime: 0 });
    await this.inDatabase((database) =>
      new GrievanceRepository(database, this.chain.client.chain!.id, operator.address).add({
        ...{ ...subject, versionId, blockNumber },
        answer: toStoredAnswer(answer),
      }),
    );
  }

  /** Of a request, the items or steps that an account has disputed. */
  async disputedBy(account: Address, requestId: bigint): Promise<number[]> {
    const disputes = [...(await disputesOn(this.chain)).values()];
    return disputes
      .filter(({ challenger, subject }) => challenger === account && subject.requestId === requestId)
      .map(({ subject }) => subject.item);
  }

  async challenged(by: Address, subject: Subject): Promise<Hex> {
    const id = disputeId(subject, by);
    await eventually(
      () => disputesOn(this.chain),
      (disputes) => disputes.has(id),
      { what: 'the challenge', timeoutMs: 120_000 },
    );
    return id;
  }

  async ends(id: Hex, outcome: 'operatorLost' | 'challengerLost'): Promise<void> {
    await eventually(
      async () => (await disputesOn(this.chain)).get(id)?.outcome,
      (seen) => seen === outcome,
      { what: `${id} to end with ${outcome}`, timeoutMs: 120_000 },
    );
  }

  async reaches(requestId: bigint, status: number): Promise<void> {
    await eventually(
      () => this.chain.request(requestId),
      (request) => request.status >= status,
      { timeoutMs: 120_000, what: `request ${requestId} to reach ${status}` },
    );
  }

  /** What the game owes an account for disputes it has won: its shares, and its own bonds where it was the challenger. */
  async wonBy(account: Address): Promise<bigint> {
    let won = 0n;
    const bonds = new Map<Hex, bigint>();
    for (const { eventName, args } of await gameEvents(this.chain)) {
      if (eventName === 'Challenged') bonds.set(args.disputeId, args.bond);
      if (eventName === 'ChallengeLost' && args.operator === account) won += args.gasShare + args.reward;
      if (eventName === 'OperatorConvicted' && args.challenger === account) {
        won += args.gasShare + args.reward + bonds.get(args.disputeId)!;
      }
    }
    return won;
  }

  /** Waits until an account has withdrawn all that it has won, and something at that. */
  async paid(account: Address): Promise<void> {
    await eventually(
      async () => ({ won: await this.wonBy(account), withdrawn: await this.#withdrawnBy(account) }),
      ({ won, withdrawn }) => won > 0n && won === withdrawn,
      { what: 'what was won to be withdrawn', timeoutMs: 120_000 },
    );
  }

  async #withdrawnBy(account: Address): Promise<bigint> {
    return (await gameEvents(this.chain)).reduce(
      (sum, { eventName, args }) => (eventName === 'Withdrawn' && args.account === account ? sum + args.amount : sum),
      0n,
    );
  }

  /** Waits until a node has written down what the game said in a block. */
  async hasRead(account: Address, blockNumber: bigint): Promise<void> {
    await this.inDatabase((database) =>
      eventually(
        () =>
          database.query<unknown[]>('select 1 from game_events where account = $1 and block_number >= $2', [
            account.toLowerCase(),
            String(blockNumber),
          ]),
        (rows) => rows.length > 0,
        { what: `block ${blockNumber} to be read` },
      ),
    );
  }

  /** Rows of the moves that an account has made in disputes. */
  async movesOf(account: Address): Promise<MoveRow[]> {
    const rows = await this.inDatabase<MoveRow[]>((database) =>
      database.query(
        'select key, receipt_status, max_fee_per_gas, hashes from transactions where account = $1 order by nonce',
        [account.toLowerCase()],
      ),
    );
    return rows.filter(({ key }) => /^(challenge|trace|dispute)/.test(key));
  }

  async inDatabase<T>(work: (database: DataSource) => Promise<T>): Promise<T> {
    const database = await openDatabase(this.bed.database.url, { migrate: false });
    try {
      return await work(database);
    } finally {
      await database.destroy();
    }
  }
}
