import { disputeGameAbi } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { fromHex, operatorMove, tensorTree, type CommittedModel, type CommittedTrace } from '@openimo/donnx';
import {
  claimOf,
  disputesOf,
  encodeChallenge,
  encodeMove,
  followDispute,
  readGameLog,
  turnOf,
  type Answer,
  type DisputeRecord,
  type GameEvent,
  type Side,
  type Subject,
  type TraceService,
} from '@openimo/disputes';
import { type Hex, parseEventLogs, size, type TransactionReceipt } from 'viem';
import type { Actor } from '../../session/actor.js';
import type { Session } from '../../session/session.js';

/** One transaction of a dispute. */
export interface Turn {
  readonly side: Side;
  /** `challenge`, `postTrace`, `pick`, `reveal`, `revealChunk` or `prove`. */
  readonly move: string;
  readonly gas: bigint;
  /** Bytes. */
  readonly calldata: number;
  /** Computing and mining. */
  readonly ms: number;
  readonly hash: Hex;
  /** The dispute after it. */
  readonly record: DisputeRecord;
}

export interface Contest {
  readonly model: CommittedModel;
  readonly modelPath: string;
  readonly modelRoot: Hex;
  readonly answer: Answer;
  readonly subject: Subject;
}

/**
 * A watcher disputes an answer and its operator defends it with the run that it stands by, both knowing of each other's moves
 * only what the chain announces, until one side is convicted. The watcher is the product's; the operator is what no product is.
 */
export async function* duel(
  session: Session,
  { model, answer, subject, ...file }: Contest,
  operator: { readonly actor: Actor; readonly trace: CommittedTrace },
  watcher: { readonly actor: Actor; readonly tracer: TraceService },
): AsyncGenerator<Turn, DisputeRecord> {
  const { client, deployment } = session;
  const to = deployment.addresses.disputeGame;
  const { input, output } = claimOf(answer, subject.item);
  const roots = { input: tensorTree(input).root, output: tensorTree(output).root };
  const events: GameEvent[] = [];

  const sent = async (side: Side, move: string, data: Hex, startedAt: number, value = 0n): Promise<Turn> => {
    const { actor } = side === 'operator' ? operator : watcher;
    const receipt = await actor.send({ to, data, value });
    const ms = performance.now() - startedAt;
    events.push(...(await eventsOf(receipt)));
    const record = [...disputesOf(events).values()][0]!;
    return { side, move, gas: receipt.gasUsed, calldata: size(data), ms, hash: receipt.transactionHash, record };
  };
  const eventsOf = async ({ logs, blockNumber }: TransactionReceipt): Promise<GameEvent[]> => {
    const { timestamp } = await client.getBlock({ blockNumber });
    const known = parseEventLogs({ abi: disputeGameAbi, logs });
    return known.map((log) => readGameLog(log, Number(timestamp))).filter((event) => event !== undefined);
  };

  const bond = await client.readContract({ abi: disputeGameAbi, address: to, functionName: 'leastBond' });
  let turn = await sent('challenger', 'challenge', encodeChallenge(subject, answer), performance.now(), bond);
  for (;;) {
    yield turn;
    const { record } = turn;
    const next = turnOf(record);
    if (next === undefined) return record;
    const startedAt = performance.now();
    const move = next.side === 'operator' ? defend(record) : await attack(record);
    if (move === undefined) throw nothingToSay(next.side);
    turn = await sent(next.side, move.kind, move.data, startedAt);
  }

  function defend(record: DisputeRecord) {
    const { state } = followDispute(model, roots, record);
    const move = operatorMove(model.commitment, state, operator.trace);
    if (move === undefined) return undefined;
    const { challenger, trace } = record;
    const posted = trace && { root: fromHex(trace.root), postedAt: BigInt(trace.postedAt) };
    return { kind: move.kind, data: encodeMove({ subject, challenger, answer, model, trace: posted }, state, move) };
  }

  function attack(record: DisputeRecord) {
    return watcher.tracer.nextMove({ ...file, answer, record, side: 'challenger' });
  }
}

function nothingToSay(side: Side): DomainError {
  return new DomainError('NothingToSay', `The ${side} has no move: it is in the wrong, and its clock would run out.`);
}
