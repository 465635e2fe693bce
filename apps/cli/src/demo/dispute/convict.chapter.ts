import { disputeGameAbi, operatorRegistryAbi } from '@openimo/contracts';
import { claimOf, claimsOf, TraceService, type Answer, type GameEvent } from '@openimo/disputes';
import { equalBytes } from '@openimo/donnx';
import { gpt } from '@openimo/models';
import { parseEventLogs } from 'viem';
import type { Session } from '../../session/session.js';
import type { Shutdown } from '../../stack/shutdown.js';
import { eth } from '../../ui/format.js';
import type { Output } from '../../ui/output.js';
import { createDirectRun } from '../direct-run.js';
import { duel, type Turn } from './duel.js';
import type { Told } from './lie.chapter.js';

const SAID: Readonly<Record<string, string>> = {
  challenge: 'disputes that byte, under a bond',
  postTrace: 'commits to every tensor of her run',
  pick: 'picks the first child that differs',
  reveal: 'shows what lies below',
  revealChunk: 'shows the 256 bytes in question',
  prove: 'has the chain compute the element',
};

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

/** A watcher runs the text again, finds the byte that is wrong, and narrows it down until the chain itself can say so. */
export async function convict(
  session: Session,
  output: Output,
  shutdown: Shutdown,
  { requestId, writer, cheat, answer, bond }: Told,
): Promise<Conviction> {
  output.heading('2  A watcher');
  const run = await createDirectRun(gpt);
  const item = await output.step(
    'It runs the model again',
    () => firstWrong(answer, run),
    (found) => `It runs the model again, byte by byte: number ${found} is wrong`,
  );

  const [mallory, watcher] = [session.actor('mallory'), session.actor('watcher')];
  const tracer = new TraceService();
  shutdown.add('the tracer', () => tracer.close());
  const file = { modelPath: gpt.modelPath, modelRoot: writer.modelRoot };
  // As a watcher that has been running knows the models it follows.
  await tracer.trace({ ...file, input: new Uint8Array(writer.model.commitment.inputBytes) });
  const subject = { requestId, round: 0, item };
  const turns: Turn[] = [];
  const sides = [
    { actor: mallory, trace: cheat.trace },
    { actor: watcher, tracer },
  ] as const;
  output.heading('3  The dispute, move by move');
  for await (const turn of duel(session, { model: writer.model, ...file, answer, subject }, ...sides)) {
    turns.push(turn);
    output.line(described(turn, turns.length));
  }
  await tracer.close();

  output.heading('4  The verdict');
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
  output.fact('slashed', `${eth(bond)} of Mallory's stake, which leaves ${eth(stake)}`);
  output.fact("to the watcher's gas", eth(gasShare));
  output.fact('to the watcher', eth(reward));
  output.fact('burned', eth(burned));
  const before = await watcher.balance();
  await watcher.write({
    address: session.deployment.addresses.disputeGame,
    abi: disputeGameAbi,
    functionName: 'withdraw',
    args: [[subject], watcher.address],
  });
  output.fact('withdrawn', `${eth((await watcher.balance()) - before)}, the watcher's own bond included`);
  return { turns, convicted: lostBond === bond, outcome: { lostBond, gasShare, reward, burned } };
}

/** The first claim of an answer that an honest run does not bear out. */
async function firstWrong(answer: Answer, run: (input: Uint8Array) => Promise<Uint8Array>): Promise<number> {
  for (let item = 0; item < claimsOf(answer); item++) {
    const { input, output } = claimOf(answer, item);
    if (!equalBytes(await run(input), output)) return item;
  }
  return claimsOf(answer);
}

function described({ side, move, gas, calldata, ms, record }: Turn, number: number): string {
  const who = side === 'operator' ? 'Mallory' : 'watcher';
  const { index, node } = pickOf(record.plies.at(-1));
  const detail = move !== 'pick' ? '' : node === undefined ? `: number ${index}` : `: number ${index}, step ${node}`;
  const figures = [`${gas} gas`.padStart(11), `${calldata} B`.padStart(7), `${Math.round(ms)} ms`.padStart(8)].join(
    ' ',
  );
  return `${String(number).padStart(2)}  ${who}  ${figures}   ${SAID[move] ?? move}${detail}`;
}

function pickOf(ply: GameEvent | { readonly name: string } | undefined): { index?: number; node?: number | undefined } {
  if (ply === undefined || !('index' in ply)) return {};
  return { index: ply.index, node: ply.node === 0 ? undefined : ply.node };
}
