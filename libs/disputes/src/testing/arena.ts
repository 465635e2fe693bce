import { disputeGameAbi, inferenceOracleAbi, modelRegistryAbi, operatorRegistryAbi } from '@openimo/contracts';
import {
  applyMove,
  openDispute,
  tensorTree,
  toHex,
  type CommittedModel,
  type CommittedTrace,
  type DisputeState,
  type ModelCommitment,
  type Move,
} from '@openimo/donnx';
import { TestChain, type Person } from '@openimo/testing';
import { concat, parseEther, parseEventLogs, size, zeroAddress, zeroHash, type TransactionReceipt } from 'viem';
import { claimOf, type Answer, type TensorsAnswer, type TextAnswer } from '../answer.js';
import { encodeChallenge } from '../encode-challenge.js';
import { encodeMove, type DisputeContext } from '../encode-move.js';
import { disputeId, type Subject } from '../subject.js';

const PRICE = parseEther('0.001');
const STAKE = parseEther('1000');
/** `IDisputeGame.Phase`. */
const PHASES = [
  'None',
  'AwaitTrace',
  'AwaitPick',
  'AwaitReveal',
  'AwaitChunk',
  'AwaitProof',
  'OperatorLost',
  'ChallengerLost',
] as const;

/** An answer before its root is known. */
export type AnswerBytes = Omit<TensorsAnswer, 'outputRoot'> | Omit<TextAnswer, 'outputRoot'>;

/** What a dispute took, transaction by transaction. */
export interface Sent {
  readonly what: string;
  readonly gas: bigint;
  readonly calldata: number;
}

/** A local chain on which models are published, answered by `operator` and disputed by `alice`. */
export class Arena {
  private constructor(readonly chain: TestChain) {}

  /** On a chain on which `publisher` has family 1 and `operator` is registered. */
  static on(chain: TestChain): Arena {
    return new Arena(chain);
  }

  static async open(options: Parameters<typeof TestChain.start>[0] = {}): Promise<Arena> {
    const arena = new Arena(await TestChain.start(options));
    const { chain } = arena;
    const { modelRegistry, operatorRegistry } = chain.addresses;
    const shares = { operatorBps: 2_000, publisherBps: 2_000, holdersFloorBps: 3_000, assets: [], lineage: [] };
    await chain.do('publisher', modelRegistry, modelRegistryAbi, 'registerFamily', [{ name: 'Models', ...shares }]);
    await chain.do('operator', operatorRegistry, operatorRegistryAbi, 'register', [''], STAKE);
    return arena;
  }

  close(): Promise<void> {
    return this.chain.anvil.stop();
  }

  /** A version of a model that `operator` serves; one that writes so many bytes of text at most, where that is given. */
  async publish({ commitment, modelRoot }: CommittedModel, mostNewBytes?: number): Promise<bigint> {
    const { modelRegistry, operatorRegistry } = this.chain.addresses;
    const version = {
      familyId: 1n,
      fileHash: toHex(commitment.fileHash),
      modelRoot: toHex(modelRoot),
      weightsRoot: zeroHash,
      metadataHash: zeroHash,
      metadataURI: '',
      licence: 'MIT',
      io: mostNewBytes === undefined ? tensorBounds(commitment) : textBounds(commitment, mostNewBytes),
      prices: [{ asset: zeroAddress, amount: PRICE }],
    };
    const receipt = await this.chain.do('publisher', modelRegistry, modelRegistryAbi, 'publishVersion', [version]);
    const [published] = parseEventLogs({ abi: modelRegistryAbi, eventName: 'VersionPublished', logs: receipt.logs });
    const { versionId } = published!.args;
    await this.chain.do('operator', operatorRegistry, operatorRegistryAbi, 'enrol', [versionId, toHex(modelRoot)]);
    return versionId;
  }

  /** Nobody serves so many versions at a time. */
  async retire(versionId: bigint): Promise<void> {
    const { operatorRegistry } = this.chain.addresses;
    await this.chain.do('operator', operatorRegistry, operatorRegistryAbi, 'withdrawFrom', [versionId]);
  }

  /** A request, answered with the output of the operator's run and challenged by `alice`. */
  async challenge(model: CommittedModel, versionId: bigint, operator: CommittedTrace): Promise<Match> {
    const [input, output] = [operator.trace[0]!, operator.trace[model.commitment.outNode]!];
    return this.dispute(model, versionId, { kind: 'tensors', inputs: [input], outputs: [output] }, 0);
  }

  /** A request that `operator` answers so, of which answer `alice` challenges an item or step. */
  async dispute(model: CommittedModel, versionId: bigint, bytes: AnswerBytes, item: number): Promise<Match> {
    const { requestId, outputRoot, receipt } = await this.#answer(versionId, bytes);
    const answer: Answer = { ...bytes, outputRoot };
    const match = new Match(this, model, answer, { requestId, round: 0, item });
    await match.note('assertion', receipt);
    await this.#challenge(match);
    return match;
  }

  /** Another dispute of the same item or step, by somebody else. */
  async join({ model, answer, subject }: Match, challenger: Person): Promise<Match> {
    const match = new Match(this, model, answer, subject, challenger);
    await this.#challenge(match);
    return match;
  }

  async #challenge(match: Match): Promise<void> {
    const { disputeGame } = this.chain.addresses;
    const bond = await this.chain.client.readContract({
      abi: disputeGameAbi,
      address: disputeGame,
      functionName: 'leastBond',
    });
    const data = encodeChallenge(match.subject, match.answer);
    const challenge = await this.chain.send(match.challenger, disputeGame, data, 2n * bond);
    if (challenge.status !== 'success') throw new Error('The challenge was refused.');
    await match.note('challenge', challenge);
  }

  /** A request that nobody has answered yet. @returns its id */
  async ask(versionId: bigint, inputs: readonly Uint8Array[]): Promise<bigint> {
    const { inferenceOracle } = this.chain.addresses;
    const size = BigInt(inputs.length);
    const asked = await this.chain.do(
      'developer',
      inferenceOracle,
      inferenceOracleAbi,
      'requestBatchInference',
      [size, versionId, concat(inputs.map(toHex)), zeroAddress, 0n, '0x', 0, 0],
      PRICE * size,
    );
    const [opened] = parseEventLogs({ abi: inferenceOracleAbi, eventName: 'RequestOpened', logs: asked.logs });
    return opened!.args.requestId;
  }

  async #answer(versionId: bigint, bytes: AnswerBytes) {
    const { inferenceOracle } = this.chain.addresses;
    const requestId = await this.ask(versionId, bytes.kind === 'text' ? [bytes.prompt] : bytes.inputs);
    const outputs = bytes.kind === 'text' ? [bytes.output] : bytes.outputs;
    await this.chain.passSeconds(6);
    const receipt = await this.chain.do('operator', inferenceOracle, inferenceOracleAbi, 'assertOutputs', [
      requestId,
      outputs.map(toHex),
    ]);
    const [asserted] = parseEventLogs({ abi: inferenceOracleAbi, eventName: 'OutputAsserted', logs: receipt.logs });
    return { requestId, outputRoot: asserted!.args.outputRoot, receipt };
  }
}

function tensorBounds({ inputBytes, outputBytes }: ModelCommitment) {
  return { minInput: inputBytes, maxInput: inputBytes, minOutput: outputBytes, maxOutput: outputBytes, context: 0 };
}

function textBounds({ inputBytes: context }: ModelCommitment, mostNewBytes: number) {
  return { minInput: 1, maxInput: context - 1, minOutput: 0, maxOutput: mostNewBytes, context };
}

/** One dispute on the chain, and the same one off it. */
export class Match {
  readonly sent: Sent[] = [];
  readonly moves: Move[] = [];
  state: DisputeState;
  #context: DisputeContext;

  constructor(
    private readonly arena: Arena,
    readonly model: CommittedModel,
    readonly answer: Answer,
    readonly subject: Subject,
    readonly challenger: Person = 'alice',
  ) {
    const { input, output } = claimOf(answer, subject.item);
    this.state = openDispute(tensorTree(input).root, tensorTree(output).root);
    this.#context = { subject, challenger: arena.chain.addressOf(challenger), answer, model };
  }

  /** Makes a move on both sides; false where the contract refuses what the rules allow, or the other way round. */
  async make(move: Move): Promise<boolean> {
    const data = encodeMove(this.#context, this.state, move);
    const { chain } = this.arena;
    const receipt = await chain.send(this.#moverOf(move), chain.addresses.disputeGame, data);
    if (receipt.status !== 'success') return false;
    await this.note(move.kind, receipt);
    if (move.kind === 'postTrace') {
      const { timestamp } = await chain.client.getBlock({ blockNumber: receipt.blockNumber });
      this.#context = { ...this.#context, trace: { root: move.traceRoot, postedAt: timestamp } };
    }
    this.state = applyMove(this.model.commitment, this.state, move);
    this.moves.push(move);
    return true;
  }

  /** Goes on from the trace that was posted in another dispute of the same item or step: it is posted once. */
  adoptTrace(other: Match): void {
    const [posted] = other.moves;
    if (posted?.kind !== 'postTrace') throw new Error('No trace was posted there.');
    this.#context = { ...this.#context, trace: other.#context.trace };
    this.state = applyMove(this.model.commitment, this.state, posted);
    this.moves.push(posted);
  }

  /** Whether the contract would take a move now; changes nothing. */
  async wouldTake(move: Move): Promise<boolean> {
    const { chain } = this.arena;
    const data = encodeMove(this.#context, this.state, move);
    const call = { account: chain.addressOf(this.#moverOf(move)), to: chain.addresses.disputeGame, data };
    return chain.client.call(call).then(
      () => true,
      () => false,
    );
  }

  /** What the contract has stored. */
  async stored() {
    const { client, addresses } = this.arena.chain;
    const id = disputeId(this.subject, this.#context.challenger);
    const read = { abi: disputeGameAbi, address: addresses.disputeGame } as const;
    const dispute = await client.readContract({ ...read, functionName: 'dispute', args: [id] });
    const cursor = await client.readContract({ ...read, functionName: 'cursorOf', args: [id] });
    return { ...dispute, phase: PHASES[dispute.phase]!, cursor };
  }

  /** Whether the answer still stands. */
  async answerStands(): Promise<boolean> {
    const { client, addresses } = this.arena.chain;
    const { operator } = await client.readContract({
      abi: inferenceOracleAbi,
      address: addresses.inferenceOracle,
      functionName: 'assertion',
      args: [this.subject.requestId],
    });
    return operator !== zeroAddress;
  }

  async note(what: string, { gasUsed, transactionHash }: TransactionReceipt): Promise<void> {
    const { input } = await this.arena.chain.client.getTransaction({ hash: transactionHash });
    this.sent.push({ what, gas: gasUsed, calldata: size(input) });
  }

  #moverOf({ kind }: Move): Person {
    return kind === 'pick' || kind === 'prove' || kind === 'proveDirect' ? this.challenger : 'operator';
  }
}
