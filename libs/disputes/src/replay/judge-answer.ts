import { equalBytes } from '@openimo/donnx';
import { DomainError, type ModelRunner, type RunOptions, type Sha256 } from '@openimo/domain';
import { type Answer, type Claim, claimOf, claimsOf, type TextAnswer } from '../answer.js';

export type JudgeErrorCode =
  /** Writing a text gives another one than running its steps one by one. */
  'RunsDisagree';

export type Judgement =
  /** `claims`: how many items or steps were run. */
  | { readonly right: true; readonly claims: number }
  /** `claim` is the first that is wrong; `expected` what the model gives there. */
  | { readonly right: false; readonly claim: Claim; readonly expected: Uint8Array };

/** Without `generate` a text is run step by step. */
type Runner = Pick<ModelRunner, 'run'> & Partial<Pick<ModelRunner, 'generate'>>;

/**
 * Runs the model on what was asked and compares: whether an answer is right, and if not, which item or step of it is the first
 * that is wrong. A step of a text is run on the bytes that the answer has before it, so one wrong byte does not make those
 * behind it wrong.
 *
 * @throws DomainError of the runner, when the model cannot be run: then nothing is known about the answer
 */
export async function judgeAnswer(
  runner: Runner,
  model: Sha256,
  answer: Answer,
  options: RunOptions = {},
): Promise<Judgement> {
  const claims = claimsOf(answer);
  const { generate } = runner;
  const writes = answer.kind === 'text' && generate !== undefined;
  const from = writes ? await firstDifference(generate.bind(runner), model, answer, options) : 0;
  if (from === undefined) return { right: true, claims };
  for (let item = from; item < claims; item++) {
    const claim = claimOf(answer, item);
    const expected = await runner.run(model, claim.input, options);
    if (!equalBytes(expected, claim.output)) return { right: false, claim, expected };
  }
  if (writes) throw runsDisagree(model, from);
  return { right: true, claims };
}

/**
 * Where the text that the model writes leaves the one it is said to have written; undefined where they are one. Up to there both
 * say the same, so this is one run instead of one per step.
 */
async function firstDifference(
  generate: ModelRunner['generate'],
  model: Sha256,
  { prompt, output, mostNewBytes }: TextAnswer,
  options: RunOptions,
): Promise<number | undefined> {
  const written = await generate(model, prompt, { ...options, mostNewBytes });
  if (equalBytes(written, output)) return undefined;
  const end = Math.min(written.length, output.length);
  for (let step = 0; step < end; step++) if (written[step] !== output[step]) return step;
  return end;
}

/** Nobody is accused on the word of a runtime that contradicts itself. */
function runsDisagree(model: Sha256, step: number): DomainError<JudgeErrorCode> {
  return new DomainError(
    'RunsDisagree',
    `Model ${model} writes another text than its steps give, run one by one from step ${step} on. Do not judge or serve with it on this machine.`,
    { data: { model, step } },
  );
}
