import type { Session } from '../../session/session.js';
import type { Shutdown } from '../../stack/shutdown.js';
import { gas } from '../../ui/format.js';
import type { Output } from '../../ui/output.js';
import type { CheatOptions } from './cheat.js';
import { convict } from './convict.chapter.js';
import { lie } from './lie.chapter.js';
import { readBack } from './read-back.chapter.js';
import { recover } from './recover.chapter.js';

export interface DisputeDemoOptions extends CheatOptions {
  readonly prompt: string;
  /** The chain is ours alone, and its clock can be moved on where a window would have to be waited for. */
  readonly isOwnStack: boolean;
}

/**
 * An operator lies about one element deep within the model that writes Solidity, and is convicted of it by a watcher, on-chain,
 * move by move. Then another operator writes the right text, and the client that asked gets it.
 *
 * @returns whether all of that happened
 */
export async function runDisputeDemo(
  session: Session,
  output: Output,
  shutdown: Shutdown,
  options: DisputeDemoOptions,
): Promise<boolean> {
  const told = await lie(session, output, shutdown, options);
  const conviction = await convict(session, output, told);
  const recovered = await recover(session, output, told, options);
  const isTold = await readBack(session, output, conviction, told.cheat.node);

  const { turns, convicted } = conviction;
  const total = (of: (turn: (typeof turns)[number]) => number) => turns.reduce((sum, turn) => sum + of(turn), 0);
  const result = {
    convicted,
    transactions: turns.length,
    gas: total((turn) => Number(turn.gas)),
    maxCalldata: Math.max(...turns.map(({ calldata }) => calldata)),
    seconds: Number((total(({ ms }) => ms) / 1000).toFixed(2)),
    proofGas: Number(turns.at(-1)!.gas),
  };
  output.line();
  output.line(
    `The dispute: ${result.transactions} transactions, ${gas(BigInt(result.gas))}, ${total(({ calldata }) => calldata)} bytes of calldata, ${result.seconds} s of computing and mining.`,
  );
  if (output.json) output.result(result);
  return convicted && recovered && isTold;
}
