import { disputeGameAbi, operatorRegistryAbi } from '@openimo/contracts';
import type { GameEvent } from '@openimo/disputes';
import { parseEventLogs } from 'viem';
import type { Session } from '../../session/session.js';
import { until } from '../../session/until.js';
import { eth } from '../../ui/format.js';
import type { Output } from '../../ui/output.js';
import { defend, type Turn } from './duel.js';
import type { Told } from './lie.chapter.js';

/** A dispute that was played out. */
export interface Conviction {
  readonly turns: readonly Turn[];
  readonly convicted: boolean;
  /** What became of the operator's bond, in wei. */
  readonly outcome: {
    readonly lostBond: bigint;
    readonly gasShare: bigint;
    readonly reward: bigint;
    readonly burned: bigint;
  };
}

const SAID: Readonly<Record<GameEvent['name'], string>> = {
  Challenged: 'disputes a byte, under a bond',
  TracePosted: 'commits to every tensor of her run',
  Picked: 'picks the first child that differs',
  Revealed: 'shows what lies below',
  ChunkRevealed: 'shows the 256 bytes in question',
  OperatorConvicted: 'has the chain compute the element',
  ChallengeLost: 'has lost',
};
/** On a busy machine tracing takes a while. */
const PATIENCE_MS = 120_000;

/** The watcher finds the byte that is wrong, and narrows it down until the chain itself can say so. */
export async function convict(session: Session, output: Output, told: Told): Promise<Conviction> {
  output.heading('2  The dispute, move by move');
  const { requestId, writer, cheat, answer, bond, fromBlock, startedAt } = told;
  const [mallory, watcher] = [session.actor('mallory'), session.actor('watcher')];
  const { model } = writer;
  const turns: Turn[] = [];
  const defence = { actor: mallory, model, trace: cheat.trace, answer, requestId };
  const since = { fromBlock, startedAt, timeoutMs: PATIENCE_MS };
  for await (const turn of defend(session, defence, watcher.address, since)) {
    turns.push(turn);
    output.line(described(turn, turns.length));
  }

  output.heading('3  The verdict');
  const { hash, record } = turns.at(-1)!;
  const { logs } = await session.client.getTransactionReceipt({ hash });
  const [convicted] = parseEventLogs({ abi: disputeGameAbi, logs, eventName: 'OperatorConvicted' });
  if (record.outcome !== 'operatorLost' || convicted === undefined) throw new TypeError('Nobody was convicted.');
  const { bond: lostBond, gasShare, reward } = convicted.args;
  const burned = lostBond - gasShare - reward;
  const { stake } = await session.client.readContract({
    address: session.deployment.addresses.operatorRegistry,
    abi: operatorRegistryAbi,
    functionName: 'operator',
    args: [mallory.address],
  });
  output.fact('void', 'the answer no longer stands, and the request is open again');
  output.fact('slashed', `${eth(lostBond)} of Mallory's stake, which leaves ${eth(stake)}`);
  output.fact("for the watcher's gas", eth(gasShare));
  output.fact('for the watcher', eth(reward));
  output.fact('burned', eth(burned));
  const [withdrawn] = await until(
    'the watcher to withdraw',
    () =>
      session.client.getContractEvents({
        address: session.deployment.addresses.disputeGame,
        abi: disputeGameAbi,
        eventName: 'Withdrawn',
        args: { account: watcher.address },
        fromBlock,
      }),
    (events) => events.length > 0,
  );
  output.fact('withdrawn', `${eth(withdrawn!.args.amount!)}, the watcher's own bond of ${eth(record.bond)} included`);
  const isPaid = withdrawn!.args.amount === record.bond + gasShare + reward;
  return { turns, convicted: lostBond === bond && isPaid, outcome: { lostBond, gasShare, reward, burned } };
}

function described({ side, event, gas, calldata, ms }: Turn, number: number): string {
  const who = side === 'operator' ? 'Mallory' : 'watcher';
  const figures = [`${gas} gas`.padStart(11), `${calldata} B`.padStart(7), `${Math.round(ms)} ms`.padStart(8)].join(
    ' ',
  );
  return `${String(number).padStart(2)}  ${who}  ${figures}   ${SAID[event.name]}${detailOf(event)}`;
}

function detailOf(event: GameEvent): string {
  if (event.name === 'Challenged') return `: number ${event.item}`;
  if (event.name !== 'Picked') return '';
  return event.node === 0 ? `: number ${event.index}` : `: number ${event.index}, of step ${event.node}`;
}
