import { setTimeout as sleep } from 'node:timers/promises';
import { disputeGameAbi, inferenceOracleAbi, operatorRegistryAbi, waitForReceipt } from '@openimo/contracts';
import {
  type Answer,
  disputeId,
  type DisputeRecord,
  disputesOf,
  encodeChallenge,
  encodeMove,
  followDispute,
  type GameEvent,
  readGameLog,
  type Side,
  type Subject,
  claimOf,
  turnOf,
} from '@openimo/disputes';
import {
  challengerMove,
  type CommittedModel,
  type CommittedTrace,
  fromHex,
  type Move,
  operatorMove,
  tensorTree,
  toHex,
} from '@openimo/donnx';
import {
  type Address,
  type Chain as ViemChain,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  type HttpTransport,
  parseEther,
  parseEventLogs,
  type PrivateKeyAccount,
  type TransactionReceipt,
  type WalletClient,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { eventually } from './eventually.js';
import type { TestChain } from './test-chain.js';

/** What one side of a dispute holds to be true. */
export interface Part {
  readonly side: Side;
  readonly model: CommittedModel;
  readonly answer: Answer;
  readonly trace: CommittedTrace;
  /** Asked once before every move; no ends the play. */
  readonly goOn?: ((move: Move) => Promise<boolean>) | undefined;
}

const GAS = 8_000_000n;

/** An account whose every step a test decides: it may lie, attack without a reason, and stop in the middle. */
export class Puppet {
  readonly address: Address;

  private constructor(
    private readonly chain: TestChain,
    private readonly wallet: WalletClient<HttpTransport, ViemChain, PrivateKeyAccount>,
  ) {
    this.address = wallet.account.address;
  }

  static async create(chain: TestChain): Promise<Puppet> {
    const account = privateKeyToAccount(generatePrivateKey());
    const transport = http(chain.anvil.rpcUrl);
    await chain.fund(account.address, '100');
    return new Puppet(chain, createWalletClient({ account, chain: chain.client.chain, transport }));
  }

  /** Stakes, and enrols for a version. */
  async serve(versionId: bigint, modelRoot: Hex): Promise<void> {
    const registry = this.chain.deployment.addresses.operatorRegistry;
    const abi = operatorRegistryAbi;
    const register = encodeFunctionData({ abi, functionName: 'register', args: [''] });
    await this.#mustSend(registry, register, parseEther('5'));
    await this.#mustSend(registry, encodeFunctionData({ abi, functionName: 'enrol', args: [versionId, modelRoot] }));
  }

  /** Answers a request as soon as it may. @returns the root of the answer */
  async assert(requestId: bigint, outputs: readonly Uint8Array[]): Promise<Hex> {
    const to = this.chain.deployment.addresses.inferenceOracle;
    const args = [requestId, outputs.map((output) => toHex(output))] as const;
    const data = encodeFunctionData({ abi: inferenceOracleAbi, functionName: 'assertOutputs', args });
    await eventually(
      () => this.chain.client.call({ account: this.address, to, data }),
      () => true,
      { what: 'the turn to answer' },
    );
    const { logs } = await this.#mustSend(to, data);
    const [asserted] = parseEventLogs({ abi: inferenceOracleAbi, eventName: 'OutputAsserted', logs });
    return asserted!.args.outputRoot;
  }

  async challenge(subject: Subject, answer: Answer): Promise<Hex> {
    const address = this.chain.deployment.addresses.disputeGame;
    const value = await this.chain.client.readContract({ address, abi: disputeGameAbi, functionName: 'leastBond' });
    await this.#mustSend(address, encodeChallenge(subject, answer), value);
    return disputeId(subject, this.address);
  }

  /** Makes its moves until the dispute is decided, it has none, or the chain refuses one. @returns what it did */
  async play(id: Hex, { side, model, answer, trace, goOn }: Part): Promise<Move['kind'][]> {
    const made: Move['kind'][] = [];
    let asked: number | undefined;
    for (;;) {
      const record = (await disputesOn(this.chain)).get(id);
      const turn = record && turnOf(record);
      if (record?.outcome !== undefined) return made;
      // Not there at all: a reorganisation took the challenge, which is made again.
      if (record === undefined || turn?.side !== side) {
        await sleep(100);
        continue;
      }
      const { input, output } = claimOf(answer, record.subject.item);
      const roots = { input: tensorTree(input).root, output: tensorTree(output).root };
      const { state, moves } = followDispute(model, roots, record);
      const move =
        side === 'operator' ? operatorMove(model.commitment, state, trace) : challengerMove(model, state, moves, trace);
      if (move === undefined) return made;
      if (asked !== record.plies.length) {
        asked = record.plies.length;
        if ((await goOn?.(move)) === false) return made;
        // The chain may be another one now.
        continue;
      }
      const posted = record.trace && { root: fromHex(record.trace.root), postedAt: BigInt(record.trace.postedAt) };
      const { subject, challenger } = record;
      const data = encodeMove({ subject, challenger, answer, model, trace: posted }, state, move);
      const { status } = await this.#send(this.chain.deployment.addresses.disputeGame, data);
      if (status !== 'success') return made;
      made.push(move.kind);
    }
  }

  async #mustSend(to: Address, data: Hex, value = 0n): Promise<TransactionReceipt> {
    const receipt = await this.#send(to, data, value);
    if (receipt.status !== 'success') throw new Error(`a call of ${to} was refused`);
    return receipt;
  }

  async #send(to: Address, data: Hex, value = 0n): Promise<TransactionReceipt> {
    const hash = await this.wallet.sendTransaction({ to, data, value, gas: GAS });
    return waitForReceipt(this.chain.client, hash);
  }
}

/** All that the game has said so far. */
export async function gameEvents(chain: TestChain) {
  const address = chain.deployment.addresses.disputeGame;
  const logs = await chain.client.getLogs({ address, fromBlock: 0n, toBlock: 'latest' });
  return parseEventLogs({ abi: disputeGameAbi, logs });
}

export async function disputesOn(chain: TestChain): Promise<Map<Hex, DisputeRecord>> {
  const events: GameEvent[] = [];
  for (const log of await gameEvents(chain)) {
    const { timestamp } = await chain.client.getBlock({ blockHash: log.blockHash });
    const event = readGameLog(log, Number(timestamp));
    if (event) events.push(event);
  }
  return disputesOf(events);
}
