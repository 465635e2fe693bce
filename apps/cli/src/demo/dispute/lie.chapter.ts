import type { TextAnswer } from '@openimo/disputes';
import { gpt } from '@openimo/models';
import type { Session } from '../../session/session.js';
import type { Shutdown } from '../../stack/shutdown.js';
import { eth, printable } from '../../ui/format.js';
import type { Output } from '../../ui/output.js';
import { createDirectRun } from '../direct-run.js';
import { pauseOperators } from '../pause.js';
import { type Cheat, planCheat } from './cheat.js';
import type { DisputeDemoOptions } from './dispute-demo.js';
import {
  askPrompt,
  type Asked,
  assertText,
  enlist,
  findWriter,
  passSeconds,
  STAKE,
  startWatcher,
  type Writer,
} from './stage.js';

/** A lie on the chain, and all that is known about it. */
export interface Told extends Asked {
  readonly writer: Writer;
  readonly cheat: Cheat;
  readonly answer: TextAnswer;
  /** Wei that stand for the answer. */
  readonly bond: bigint;
  /** The block of the answer, and when it was there. */
  readonly fromBlock: bigint;
  readonly startedAt: number;
  /** Lets the honest operators, paused so that they do not answer first, run on. */
  readonly wakeOthers: () => void;
}

/** A contract asks for a text, and an operator answers with one byte wrong: computed with one element of one tensor wrong. */
export async function lie(
  session: Session,
  output: Output,
  shutdown: Shutdown,
  options: DisputeDemoOptions,
): Promise<Told> {
  output.heading('1  A lie');
  const writer = await findWriter(session);
  const mallory = session.actor('mallory');
  await output.step(
    'Mallory becomes an operator',
    () => enlist(session, mallory, writer),
    () => `Mallory stakes ${eth(STAKE)} and attests the model root of version ${writer.versionId}, like everybody else`,
  );
  const prompt = new TextEncoder().encode(options.prompt);
  const run = await createDirectRun(gpt);
  const cheat = await output.step('She computes one element wrong, and the rest from there', () =>
    planCheat(writer.model, run, prompt, writer.mostNewBytes, options),
  );
  const { where, dims } = writer.model.graph.steps[cheat.node]!;
  output.fact('the model writes', quoted(cheat.right));
  output.fact('Mallory answers', quoted(cheat.asserted));
  output.fact('the wrong byte', `number ${cheat.step}, from one flipped bit:`);
  output.fact('  in step', `${cheat.node} of ${writer.model.commitment.nodeCount}, ${where}`);
  output.fact('  element', `${cheat.element} of ${dims.join(' × ')}: ${cheat.faulty} instead of ${cheat.honest}`);
  if (cheat.isByteForged) output.fact('', 'which alone would change no byte, so she changes the last tensor as well');

  await output.step(
    'A watcher starts',
    () => startWatcher(session, shutdown, writer),
    () => `A watcher runs: a node without stake, that follows version ${writer.versionId}`,
  );
  const { operators } = session.record;
  const wakeOthers = await pauseOperators(session, operators, shutdown);
  output.line('The honest operators are paused, so that hers is the answer.');

  const asked = await output.step(
    'A client contract asks',
    () => askPrompt(session, writer, options.prompt),
    ({ client }) => `Prompt ${client}, unchanged from OAO's own example, asks for the text after ${quoted(prompt)}`,
  );
  if (options.isOwnStack) await passSeconds(session, session.deployment.parameters.oracle.exclusiveWindow + 1);
  const { outputRoot, bond, fromBlock } = await output.step(
    'Mallory answers',
    () => assertText(session, mallory, asked.requestId, cheat.asserted),
    ({ bond: locked }) => `Mallory answers, and ${eth(locked)} of her stake stand for it`,
  );
  const startedAt = performance.now();
  const answer: TextAnswer = {
    ...{ kind: 'text', outputRoot, prompt, output: cheat.asserted, mostNewBytes: writer.mostNewBytes },
    context: writer.model.commitment.inputBytes,
  };
  return { ...asked, writer, cheat, answer, bond, fromBlock, startedAt, wakeOthers };
}

export function quoted(text: Uint8Array): string {
  return JSON.stringify(printable(new TextDecoder().decode(text)));
}
