import {
  type AssertedAnswer,
  type Claim,
  claimOf,
  claimsOf,
  type ElementDifference,
  type Fault,
  firstDifference,
  judgeAnswer,
  locateFault,
  readAnswer,
} from '@openimo/disputes';
import {
  commitFile,
  type CommittedModel,
  type CommittedTrace,
  commitTrace,
  equalBytes,
  execute,
  outputOf,
  toHex,
} from '@openimo/donnx';
import { DomainError, isDomainError } from '@openimo/domain';
import { RunnerPool } from '@openimo/inference';
import { wholeNumber } from '../input/whole-number.js';
import { textOf } from '../request/prompt.js';
import { type DeploymentOptions, type DeploymentReader, openReader } from '../session/reader.js';
import { duration, printable, short } from '../ui/format.js';
import type { Output } from '../ui/output.js';

export interface ReplayOptions extends DeploymentOptions {
  /** Which of the request's answers, from 1. */
  readonly round?: string;
  /** Print the root of our own trace. */
  readonly trace: boolean;
  /** The item or step to trace; default: the first that is wrong, else the first. */
  readonly item?: string;
}

/** What `replay` found out; with `--json` this is printed. */
interface Replayed {
  readonly requestId: bigint;
  readonly round: number;
  readonly versionId: bigint;
  readonly operator: string;
  readonly disputable: boolean;
  readonly right: boolean;
  readonly claims: number;
  readonly wrong?: Wrong;
  readonly trace?: TraceRoots;
  /** Why there is none though it was asked for. */
  readonly untraced?: string;
}

interface Wrong {
  /** Of a batch the item, of a text the step. */
  readonly item: number;
  readonly asserted: string;
  readonly expected: string;
  /** Of the output. */
  readonly difference?: ElementDifference;
  /** Of the trace that the asserter posted in a dispute. */
  readonly fault?: Fault;
}

interface TraceRoots {
  readonly item: number;
  readonly traceRoot: string;
  readonly inputRoot: string;
  readonly outputRoot: string;
}

const UINT32_MAX = 2n ** 32n - 1n;

/** A wrong answer is told from an error of ours by the exit code. */
export const WRONG_ANSWER_EXIT_CODE = 2;

/**
 * Runs again what an answer on the chain was given to, and says whether it is right.
 *
 * @throws DomainError `ReadAnswerErrorCode`, `ModelNotFound`, `RuntimeDisagrees`
 */
export async function replay(output: Output, folder: string, id: string, options: ReplayOptions): Promise<void> {
  const { item, ...which } = readWhich(id, options);
  const reader = await openReader(folder, options);
  const asserted = await readAnswer(reader.client, reader.deployment, which);
  requireItem(item, claimsOf(asserted.answer));
  const file = await readModel(reader, asserted);
  const judgement = await judge(reader, asserted);
  const { requestId, round, operator, version, answer } = asserted;
  const disputable = version.modelRoot !== undefined;
  const claims = claimsOf(answer);
  const base = { requestId, round, versionId: version.versionId, operator, disputable, right: judgement.right, claims };

  const wrongItem = judgement.right ? undefined : judgement.claim.item;
  const faulty =
    wrongItem !== undefined && disputable ? traceOf(file, asserted, claimOf(answer, wrongItem)) : undefined;
  const wrong = judgement.right ? undefined : await wrongOf(reader, asserted, judgement, faulty);
  const shown = item ?? wrongItem ?? 0;
  const replayed: Replayed = {
    ...base,
    ...(wrong && { wrong }),
    ...(options.trace &&
      rootsIfTraced(
        () => (faulty?.claim.item === shown ? faulty : traceOf(file, asserted, claimOf(answer, shown))),
        disputable,
      )),
  };
  if (!judgement.right) process.exitCode = WRONG_ANSWER_EXIT_CODE;
  if (output.json) return output.result(replayed);
  await show(output, reader, asserted, replayed);
}

/** What was typed, as numbers. */
function readWhich(id: string, { round, item }: ReplayOptions) {
  return {
    requestId: wholeNumber(id, 'The request'),
    round: round === undefined ? undefined : Number(wholeNumber(round, 'The round', { least: 1n, most: UINT32_MAX })),
    item: item === undefined ? undefined : Number(wholeNumber(item, 'The item', { most: UINT32_MAX })),
  };
}

function requireItem(item: number | undefined, claims: number): void {
  if (item === undefined || item < claims) return;
  throw new DomainError('NoSuchClaim', `The answer has ${claims} items or steps, from 0, and none numbered ${item}.`);
}

async function readModel({ models, modelsPath }: DeploymentReader, { version }: AssertedAnswer): Promise<Uint8Array> {
  try {
    return await models.get(version.fileHash);
  } catch (error) {
    if (!isDomainError(error, 'ModelNotFound')) throw error;
    throw new DomainError(
      'ModelNotFound',
      `The model of version ${version.versionId} (sha256 ${version.fileHash}) is not in ${modelsPath}. ` +
        'Get the file from its publisher, or name the folder that has it with --models.',
      { data: { versionId: version.versionId, sha256: version.fileHash, models: modelsPath } },
    );
  }
}

async function judge({ models }: DeploymentReader, { version, answer }: AssertedAnswer) {
  const runner = new RunnerPool({ store: models });
  try {
    return await judgeAnswer(runner, version.fileHash, answer);
  } finally {
    await runner.close();
  }
}

interface Traced {
  readonly claim: Claim;
  readonly model: CommittedModel;
  readonly own: CommittedTrace;
}

/** In the executor that is the specification. @throws DomainError for files outside of the profile */
function traceOf(file: Uint8Array, { version }: AssertedAnswer, claim: Claim): Traced {
  const model = commitFile(file);
  if (version.modelRoot !== undefined && toHex(model.modelRoot) !== version.modelRoot) {
    throw new DomainError(
      'RootsDiffer',
      `Version ${version.versionId} was published with model root ${version.modelRoot}; that of its file is ${toHex(model.modelRoot)}. ` +
        'Nobody can defend or dispute its answers.',
    );
  }
  return { claim, model, own: commitTrace(execute(model.graph, claim.input)) };
}

/** A verdict needs no trace: of what cannot be disputed anyway it is said why there is none. */
function rootsIfTraced(trace: () => Traced, disputable: boolean): Pick<Replayed, 'trace' | 'untraced'> {
  try {
    return { trace: rootsOf(trace()) };
  } catch (error) {
    if (disputable || !isDomainError(error)) throw error;
    return { untraced: error.message };
  }
}

function rootsOf({ claim, model, own }: Traced): TraceRoots {
  const [inputRoot, outputRoot] = [own.trees[0]!.root, own.trees[model.commitment.outNode]!.root];
  return { item: claim.item, traceRoot: toHex(own.root), inputRoot: toHex(inputRoot), outputRoot: toHex(outputRoot) };
}

async function wrongOf(
  { client, deployment }: DeploymentReader,
  asserted: AssertedAnswer,
  { claim, expected }: { claim: Claim; expected: Uint8Array },
  traced: Traced | undefined,
): Promise<Wrong> {
  const { item } = claim;
  const bytes = { asserted: toHex(claim.output), expected: toHex(expected) };
  if (traced === undefined) return { item, ...bytes };
  const { model, own } = traced;
  const { graph } = model;
  const specified = outputOf(graph, own.trace);
  if (!equalBytes(specified, expected)) {
    throw new DomainError(
      'RuntimeDisagrees',
      `onnxruntime on this machine answers ${toHex(expected)}, the specification ${toHex(specified)}. Do not judge or serve with it.`,
    );
  }
  const difference = firstDifference(graph, graph.outNode, claim.output, expected);
  return { item, ...bytes, difference, fault: await locateFault(client, deployment, asserted, claim, model, own) };
}

async function show(output: Output, reader: DeploymentReader, asserted: AssertedAnswer, replayed: Replayed) {
  const { answer, version, finalAt } = asserted;
  const { requestId, round, versionId, operator, claims, wrong, trace, untraced } = replayed;
  const isText = answer.kind === 'text';
  const now = Number((await reader.client.getBlock()).timestamp);
  output.fact('request', `${requestId} to version ${versionId}`);
  output.fact('answer', `${round}, by ${operator}`);
  output.fact('window', finalAt > now ? `closes in ${duration(finalAt - now)}` : 'closed');
  if (isText) {
    output.fact('prompt', printable(textOf(answer.prompt)));
    output.fact('written', printable(textOf(answer.output)));
  }
  if (wrong === undefined) output.fact('verdict', `right: ${counted(claims, isText)} run again`);
  else showWrong(output, wrong, isText);
  if (trace !== undefined) {
    output.fact('trace root', `${trace.traceRoot} of ${isText ? 'step' : 'item'} ${trace.item}`);
    output.fact('input root', trace.inputRoot);
    output.fact('output root', trace.outputRoot);
  }
  if (untraced !== undefined) output.fact('trace root', `none: ${untraced}`);
  if (version.modelRoot === undefined) {
    output.line(
      'The version was published without a model root: only outputs were compared, and nobody can dispute it.',
    );
  }
}

function showWrong(output: Output, { item, asserted, expected, difference, fault }: Wrong, isText: boolean): void {
  output.fact('verdict', `WRONG at ${isText ? 'step' : 'item'} ${item}`);
  output.fact('asserted', isText ? describeByte(asserted) : short(asserted));
  output.fact('the model gives', isText ? describeByte(expected) : short(expected));
  if (difference !== undefined) showDifference(output, 'differs at', difference);
  if (fault !== undefined) showFault(output, fault);
}

function showDifference(output: Output, name: string, difference: ElementDifference): void {
  const { node, element, where, datatype, asserted, expected } = difference;
  output.fact(
    name,
    `node ${node}, ${where}, element ${element} (${datatype}): ${asserted} asserted, ${expected} computed`,
  );
}

/** What a dispute has brought to light: where the run itself went wrong, not only what came out. */
function showFault(output: Output, { disputeId, outcome, traceRoot, steps, difference }: Fault): void {
  const end = { operatorLost: 'convicted', challengerLost: 'the challenger gave up', moot: 'convicted by another' };
  output.fact('disputed', `${disputeId}${outcome === undefined ? ', not decided yet' : `: ${end[outcome]}`}`);
  output.fact('its trace', traceRoot);
  if (difference !== undefined) showDifference(output, 'first wrong', difference);
  else if (steps.from === steps.to) output.fact('first wrong', `node ${steps.from}`);
  else output.fact('first wrong', `among nodes ${steps.from} to ${steps.to}`);
}

function counted(claims: number, isText: boolean): string {
  const noun = isText ? 'step' : 'item';
  return `${claims} ${noun}${claims === 1 ? '' : 's'}`;
}

function describeByte(hex: string): string {
  return hex === '0x00'
    ? '0x00, the end of the text'
    : `${hex} ${JSON.stringify(textOf(Buffer.from(hex.slice(2), 'hex')))}`;
}
