import { disputeGameAbi, inferenceOracleAbi, operatorRegistryAbi } from '@openimo/contracts';
import {
  challengerMove,
  compileModel,
  operatorMove,
  tensorOf,
  toHex,
  turnOf,
  type CommittedModel,
  type CommittedTrace,
} from '@openimo/donnx';
import { buildGraph, caseOf, faultyTrace, Random, type DisputeCase } from '@openimo/donnx/testing';
import type { Person, TestChain } from '@openimo/testing';
import { zeroHash, type Hex } from 'viem';
import { disputeId, type Subject } from '../subject.js';
import { Arena, type Match } from './arena.js';

/** A chain of additions so wide and deep that steps and chunks both take two reveals. */
const ADDITIONS = 125;
const ELEMENTS = 9_000;
/** Longer than any window or clock of a local chain. */
const TOO_LONG = 130;
const NO_MODEL = {
  ...{ graphRoot: zeroHash, constRoot: zeroHash, nodesHeight: 0n, constantsHeight: 0n, nodeCount: 0n, outNode: 0n },
  ...{ inputBytes: 0n, outputBytes: 0n, fileHash: zeroHash },
};
/** What need not be named where nothing was posted, or somebody has picked. */
const NO_TRACE = { root: zeroHash, postedAt: 0n, model: NO_MODEL };

/** One dispute of `alice`'s on the chain, with the runs of both sides. */
export interface Quarrel {
  readonly match: Match;
  readonly operator: CommittedTrace;
  readonly challenger: CommittedTrace;
}

/**
 * Disputes with all their events and ends, on a chain on which `publisher` has family 1, and `operator` and `idler` are
 * registered.
 */
export class DisputeStory {
  readonly quarrels: Quarrel[] = [];
  versionId = 0n;
  readonly #arena: Arena;
  readonly #case: DisputeCase;
  readonly #random = new Random(5);

  constructor(readonly chain: TestChain) {
    this.#arena = Arena.on(chain);
    this.#case = wideCase(this.#random);
  }

  get model(): CommittedModel {
    return this.#case.model;
  }

  /** A run of the model that is right. */
  get honest(): CommittedTrace {
    return this.#case.honest;
  }

  async tell(): Promise<void> {
    await this.publish();
    await this.convict();
    await this.outrun();
    await this.stall();
    await this.stonewall();
    await this.linger();
  }

  /** A version that two operators attest. */
  async publish(): Promise<void> {
    this.versionId = await this.#arena.publish(this.#case.model);
    const root = toHex(this.#case.model.modelRoot);
    await this.chain.do('idler', this.chain.addresses.operatorRegistry, operatorRegistryAbi, 'enrol', [
      this.versionId,
      root,
    ]);
    // The next draws know them.
    await this.chain.passSeconds(10);
  }

  /** A fault, proven move by move; `bob`, who challenges the same answer, comes too late. Then the right answer. */
  async convict(): Promise<Quarrel> {
    const quarrel = await this.quarrel();
    const second = await this.challengeAlso('bob', quarrel.match.subject);
    await this.playOut(quarrel);
    await this.withdraw('alice', [quarrel.match.subject]);
    await this.withdraw('bob', [second]);
    await this.chain.passSeconds(6);
    const { requestId } = quarrel.match.subject;
    const output = toHex(this.#case.honest.trace[this.#case.model.commitment.outNode]!);
    const { inferenceOracle } = this.chain.addresses;
    await this.chain.do('operator', inferenceOracle, inferenceOracleAbi, 'assertOutputs', [requestId, [output]]);
    return quarrel;
  }

  /** The challenger picks, and then is silent; a second challenge meets the trace that is there. */
  async stall(): Promise<Quarrel> {
    const quarrel = await this.quarrel();
    await this.move(quarrel);
    await this.challengeAlso('bob', quarrel.match.subject);
    await this.move(quarrel);
    await this.move(quarrel);
    await this.chain.passSeconds(TOO_LONG);
    await this.timeout(quarrel);
    await this.withdraw('operator', []);
    return quarrel;
  }

  /** The operator posts no trace. */
  async stonewall(): Promise<Quarrel> {
    const quarrel = await this.quarrel();
    await this.chain.passSeconds(TOO_LONG);
    await this.timeout(quarrel);
    return quarrel;
  }

  /** The operator posts its trace after its time, and helps itself no more with it. */
  async outrun(): Promise<Quarrel> {
    const quarrel = await this.quarrel();
    await this.chain.passSeconds(TOO_LONG);
    await this.move(quarrel);
    return quarrel;
  }

  /** Undecided, between moves. */
  async linger(): Promise<Quarrel> {
    const quarrel = await this.quarrel();
    for (let moves = 0; moves < 4; moves++) await this.move(quarrel);
    return quarrel;
  }

  /** A wrong answer of `operator`'s, challenged by `alice`. */
  async quarrel(): Promise<Quarrel> {
    const operator = faultyTrace(this.#case, this.#random, this.#random.integer(1, ADDITIONS), true);
    const match = await this.#arena.challenge(this.#case.model, this.versionId, operator);
    const quarrel = { match, operator, challenger: this.#case.honest };
    this.quarrels.push(quarrel);
    return quarrel;
  }

  /** @returns what was disputed */
  async challengeAlso(person: Person, subject: Subject): Promise<Subject> {
    const { disputeGame, inferenceOracle } = this.chain.addresses;
    const read = { address: disputeGame, abi: disputeGameAbi, functionName: 'leastBond' } as const;
    const bond = await this.chain.client.readContract(read);
    const { outputRoot } = await this.chain.client.readContract({
      address: inferenceOracle,
      abi: inferenceOracleAbi,
      functionName: 'assertion',
      args: [subject.requestId],
    });
    const challenge = [subject, outputRoot] as const;
    await this.chain.do(person, disputeGame, disputeGameAbi, 'challenge', challenge, 2n * bond);
    return subject;
  }

  async playOut(quarrel: Quarrel): Promise<void> {
    while (await this.move(quarrel));
  }

  /** The next move of whose turn it is. @returns whether there was one that the contract took */
  async move({ match, operator, challenger }: Quarrel): Promise<boolean> {
    const { model, state, moves } = match;
    const move =
      turnOf(state) === 'operator'
        ? operatorMove(model.commitment, state, operator)
        : challengerMove(model, state, moves, challenger);
    return move !== undefined && match.make(move);
  }

  /** Ends a dispute of `alice`'s in which somebody's time is up, unless it waits for a first pick. */
  async timeout({ match }: Quarrel): Promise<void> {
    const args = [match.subject, this.chain.addressOf('alice'), NO_TRACE] as const;
    await this.chain.do('carol', this.chain.addresses.disputeGame, disputeGameAbi, 'timeout', args);
  }

  async withdraw(person: Person, subjects: readonly Subject[]): Promise<void> {
    const args = [subjects, this.chain.addressOf(person)] as const;
    await this.chain.do(person, this.chain.addresses.disputeGame, disputeGameAbi, 'withdraw', args);
  }

  idOf({ match }: Quarrel, challenger: Person = 'alice'): Hex {
    return disputeId(match.subject, this.chain.addressOf(challenger));
  }
}

function wideCase(random: Random): DisputeCase {
  const additions = Array.from({ length: ADDITIONS }, (_, at) => ({
    operator: 'Add',
    inputs: [at === 0 ? 'start' : `a${at - 1}`, 'one'],
    outputs: [`a${at}`],
  }));
  const graph = buildGraph({
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [ELEMENTS] }],
    nodes: [
      { operator: 'Cast', inputs: ['x'], outputs: ['start'], attributes: { to: 6 } },
      ...additions,
      { operator: 'Gather', inputs: [`a${ADDITIONS - 1}`, 'first'], outputs: ['y'] },
    ],
    initializers: { one: tensorOf('INT32', [], [1]), first: tensorOf('INT64', [1], [0]) },
  });
  return caseOf(compileModel(graph), random);
}
