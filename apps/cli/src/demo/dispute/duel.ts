import { disputeGameAbi } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { fromHex, operatorMove, tensorTree, type CommittedModel, type CommittedTrace } from '@openimo/donnx';
import {
  claimOf,
  disputesOf,
  encodeMove,
  followDispute,
  readGameLog,
  turnOf,
  type Answer,
  type DisputeRecord,
  type GameEvent,
  type Side,
} from '@openimo/disputes';
import { type Address, type Hex, parseEventLogs, size } from 'viem';
import { setTimeout as pause } from 'node:timers/promises';
import type { Actor } from '../../session/actor.js';
import type { Session } from '../../session/session.js';

/** One transaction of a dispute. */
export interface Turn {
  readonly side: Side;
  readonly event: GameEvent;
  readonly hash: Hex;
  readonly gas: bigint;
  /** Bytes. */
  readonly calldata: number;
  /** Since the one before it: computing, mining, and looking whether it is there. */
  readonly ms: number;
  /** The dispute after it. */
  readonly record: DisputeRecord;
}

/** A lie, who told it, and the run that she stands by. */
export interface Defence {
  readonly actor: Actor;
  readonly model: CommittedModel;
  readonly trace: CommittedTrace;
  readonly answer: Answer;
  readonly requestId: bigint;
}

const LOOK_MS = 20;

/**
 * Defends a lie against one challenger, whoever that is, knowing no more than what the chain announces, until one side is
 * convicted.
 *
 * @param fromBlock that of the answer
 * @param startedAt when it was there, by `performance.now()`
 */
export async function* defend(
  session: Session,
  defence: Defence,
  challenger: Address,
  { fromBlock, startedAt, timeoutMs }: { fromBlock: bigint; startedAt: number; timeoutMs: number },
): AsyncGenerator<Turn> {
  const { client, deployment } = session;
  const { disputeGame } = deployment.addresses;
  const events: GameEvent[] = [];
  const seen = new Set<string>();
  let before = startedAt;
  let side: Side = 'challenger';

  for (;;) {
    if (performance.now() - before > timeoutMs) throw nobodyMoves(side, timeoutMs);
    for (const log of await newLogs()) {
      const { timestamp } = await client.getBlock({ blockNumber: log.blockNumber });
      const event = readGameLog(log, Number(timestamp));
      if (event === undefined) continue;
      const mover = side;
      events.push(event);
      const record = [...disputesOf(events).values()].find((dispute) => dispute.challenger === challenger);
      if (record === undefined || !isOf(event, record)) continue;
      const now = performance.now();
      yield { side: mover, event, record, ms: now - before, ...(await cost(log.transactionHash)) };
      before = now;
      const next = turnOf(record);
      if (next === undefined) return;
      side = next.side;
      if (side === 'operator') await answer(record);
    }
    await pause(LOOK_MS);
  }

  async function newLogs() {
    const logs = await client.getLogs({ address: disputeGame, fromBlock, toBlock: 'latest' });
    const fresh = logs.filter(({ blockNumber, logIndex }) => !seen.has(`${blockNumber}/${logIndex}`));
    for (const { blockNumber, logIndex } of fresh) seen.add(`${blockNumber}/${logIndex}`);
    return parseEventLogs({ abi: disputeGameAbi, logs: fresh });
  }

  async function cost(hash: Hex) {
    const [{ gasUsed: gas }, { input }] = await Promise.all([
      client.getTransactionReceipt({ hash }),
      client.getTransaction({ hash }),
    ]);
    return { hash, gas, calldata: size(input) };
  }

  async function answer({ subject, trace: known, ...record }: DisputeRecord): Promise<void> {
    const { actor, model, trace, answer: lie } = defence;
    const { input, output } = claimOf(lie, subject.item);
    const roots = { input: tensorTree(input).root, output: tensorTree(output).root };
    const { state } = followDispute(model, roots, { ...record, ...(known && { trace: known }) });
    const move = operatorMove(model.commitment, state, trace);
    if (move === undefined) return;
    const posted = known && { root: fromHex(known.root), postedAt: BigInt(known.postedAt) };
    const context = { subject, challenger, answer: lie, model, trace: posted };
    await actor.send({ to: disputeGame, data: encodeMove(context, state, move) });
  }
}

function isOf(event: GameEvent, { id, subject }: DisputeRecord): boolean {
  if ('disputeId' in event) return event.disputeId === id;
  return event.requestId === subject.requestId && event.round === subject.round && event.item === subject.item;
}

function nobodyMoves(side: Side, timeoutMs: number): DomainError {
  return new DomainError('TimedOut', `The ${side} did not move for ${timeoutMs / 1000} s.`, { retryable: true });
}
