import { setTimeout as sleep } from 'node:timers/promises';
import { disputeGameAbi } from '@openimo/contracts';
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
} from '@openimo/donnx';
import { StrayOperator } from '@openimo/testing';
import { type Account, type Hex, parseEventLogs } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
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

/** A stray operator that disputes: it may lie, attack without a reason, and stop in the middle. */
export class Puppet extends StrayOperator {
  private constructor(
    private readonly chain: TestChain,
    account: Account,
  ) {
    super({ client: chain.client, rpcUrl: chain.anvil.rpcUrl, deployment: chain.deployment }, account);
  }

  static async create(chain: TestChain): Promise<Puppet> {
    const account = privateKeyToAccount(generatePrivateKey());
    await chain.fund(account.address, '100');
    return new Puppet(chain, account);
  }

  async challenge(subject: Subject, answer: Answer): Promise<Hex> {
    const address = this.chain.deployment.addresses.disputeGame;
    const value = await this.chain.client.readContract({ address, abi: disputeGameAbi, functionName: 'leastBond' });
    await this.mustSend(address, encodeChallenge(subject, answer), value);
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
      const { status } = await this.send(this.chain.deployment.addresses.disputeGame, data);
      if (status !== 'success') return made;
      made.push(move.kind);
    }
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
    const event = readGameLog(log, await timeOf(chain, log.blockHash));
    if (event) events.push(event);
  }
  return disputesOf(events);
}

/** By block hash, which names one for good. Whoever plays looks ten times a second. */
const times = new Map<Hex, number>();

async function timeOf(chain: TestChain, blockHash: Hex): Promise<number> {
  const known = times.get(blockHash);
  if (known !== undefined) return known;
  const { timestamp } = await chain.client.getBlock({ blockHash });
  times.set(blockHash, Number(timestamp));
  return Number(timestamp);
}
