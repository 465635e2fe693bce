import { disputeGameAbi, inferenceOracleAbi, modelRegistryAbi, operatorRegistryAbi } from '@openimo/contracts';
import {
  applyMove,
  openDispute,
  toHex,
  type CommittedModel,
  type CommittedTrace,
  type DisputeState,
  type Move,
} from '@openimo/donnx';
import { TestChain, type Person } from '@openimo/testing';
import { parseEther, parseEventLogs, size, zeroAddress, zeroHash, type TransactionReceipt } from 'viem';
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

/** What a dispute took, transaction by transaction. */
export interface Sent {
  readonly what: string;
  readonly gas: bigint;
  readonly calldata: number;
}

/** A local chain on which models are published, answered by `operator` and disputed by `alice`. */
export class Arena {
  private constructor(readonly chain: TestChain) {}

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

  /** A version of a model that `operator` serves. */
  async publish({ commitment, modelRoot }: CommittedModel): Promise<bigint> {
    const { inputBytes, outputBytes, fileHash } = commitment;
    const { modelRegistry, operatorRegistry } = this.chain.addresses;
    const version = {
      familyId: 1n,
      fileHash: toHex(fileHash),
      modelRoot: toHex(modelRoot),
      weightsRoot: zeroHash,
      metadataHash: zeroHash,
      metadataURI: '',
      licence: 'MIT',
      io: { minInput: inputBytes, maxInput: inputBytes, minOutput: outputBytes, maxOutput: outputBytes, context: 0 },
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
    const { inferenceOracle, disputeGame } = this.chain.addresses;
    const asked = await this.chain.do(
      'developer',
      inferenceOracle,
      inferenceOracleAbi,
      'requestCallback',
      [versionId, toHex(operator.trace[0]!), zeroAddress, 0n, '0x'],
      PRICE,
    );
    const [opened] = parseEventLogs({ abi: inferenceOracleAbi, eventName: 'RequestOpened', logs: asked.logs });
    const { requestId } = opened!.args;
    const output = toHex(operator.trace[model.commitment.outNode]!);
    await this.chain.passSeconds(6);
    const answered = await this.chain.do('operator', inferenceOracle, inferenceOracleAbi, 'assertOutputs', [
      requestId,
      [output],
    ]);
    const [asserted] = parseEventLogs({ abi: inferenceOracleAbi, eventName: 'OutputAsserted', logs: answered.logs });

    const subject = { requestId, round: 0, item: 0 };
    const bond = await this.chain.client.readContract({
      abi: disputeGameAbi,
      address: disputeGame,
      functionName: 'leastBond',
    });
    const match = new Match(this, model, subject, operator);
    await match.note('assertion', answered);
    const { outputRoot } = asserted!.args;
    const challenge = [subject, outputRoot] as const;
    await match.note(
      'challenge',
      await this.chain.do('alice', disputeGame, disputeGameAbi, 'challenge', challenge, 2n * bond),
    );
    return match;
  }
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
    readonly subject: Subject,
    operator: CommittedTrace,
  ) {
    this.state = openDispute(operator.trees[0]!.root, operator.trees[model.commitment.outNode]!.root);
    this.#context = { subject, challenger: arena.chain.addressOf('alice'), model };
  }

  /** Makes a move on both sides; false where the contract refuses what the rules allow, or the other way round. */
  async make(move: Move): Promise<boolean> {
    const data = encodeMove(this.#context, this.state, move);
    const { chain } = this.arena;
    const receipt = await chain.send(moverOf(move), chain.addresses.disputeGame, data);
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

  /** Whether the contract would take a move now; changes nothing. */
  async wouldTake(move: Move): Promise<boolean> {
    const { chain } = this.arena;
    const data = encodeMove(this.#context, this.state, move);
    const call = { account: chain.addressOf(moverOf(move)), to: chain.addresses.disputeGame, data };
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
}

function moverOf({ kind }: Move): Person {
  return kind === 'pick' || kind === 'prove' || kind === 'proveDirect' ? 'alice' : 'operator';
}
