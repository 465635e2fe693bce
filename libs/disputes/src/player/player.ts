import { readFile } from 'node:fs/promises';
import { disputeGameAbi } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import {
  challengerMove,
  commitFile,
  commitTrace,
  execute,
  fromHex,
  keccak,
  operatorMove,
  outputOf,
  tensorTree,
  toHex,
  type CommittedModel,
  type CommittedTrace,
} from '@openimo/donnx';
import { encodeFunctionData, zeroHash } from 'viem';
import { claimOf } from '../answer.js';
import { encodeMove, modelOf } from '../encode-move.js';
import { followDispute } from '../follow/follow-dispute.js';
import { Recent } from './recent.js';
import type { EncodedMove, ModelFile, MoveTask, TimeoutTask, TraceSummary, TraceTask } from './player-task.js';

export type PlayerErrorCode =
  /** The file is another one than the registry's. */
  'ModelRootMismatch';

const MODELS_KEPT = 2;
/** Trees take about as much as the tensors that they are over. */
const TRACE_BYTES_KEPT = 192 * 2 ** 20;

/** Commits models and traces runs, and keeps those that are asked for again: a dispute asks a dozen times for one trace. */
export class Player {
  readonly #models = new Recent<CommittedModel>(MODELS_KEPT, () => 1);
  readonly #traces = new Recent<CommittedTrace>(TRACE_BYTES_KEPT, ({ trace }) =>
    trace.reduce((sum, tensor) => sum + tensor.length, 0),
  );

  async trace(task: TraceTask): Promise<TraceSummary> {
    const model = await this.#model(task);
    const { root, trace, tree } = this.#traceOf(model, task.input);
    const { outNode } = model.commitment;
    return {
      root: toHex(root),
      output: trace[outNode]!,
      model: modelOf(model.commitment),
      inputPath: tree.path(0).map(toHex),
      outputPath: tree.path(outNode).map(toHex),
    };
  }

  /** What the profile says of a run, without its trees. */
  async run(task: TraceTask): Promise<Uint8Array> {
    const { graph } = await this.#model(task);
    return outputOf(graph, execute(graph, task.input));
  }

  /** The next move of a side, as calldata; undefined where it has none. */
  async nextMove({ answer, record, side, ...file }: MoveTask): Promise<EncodedMove | undefined> {
    const model = await this.#model(file);
    const { subject, challenger, trace } = record;
    const { input, output } = claimOf(answer, subject.item);
    const roots = { input: tensorTree(input).root, output: tensorTree(output).root };
    const { state, moves } = followDispute(model, roots, record);
    const own = this.#traceOf(model, input);
    const move =
      side === 'operator' ? operatorMove(model.commitment, state, own) : challengerMove(model, state, moves, own);
    if (move === undefined) return undefined;
    const posted = trace && { root: fromHex(trace.root), postedAt: BigInt(trace.postedAt) };
    const data = encodeMove({ subject, challenger, answer, model, trace: posted }, state, move);
    return { kind: move.kind, data };
  }

  /** The end of a dispute by the clock, as calldata: it names the trace again, of which the model is part. */
  async timeout({ record, ...file }: TimeoutTask): Promise<EncodedMove> {
    const { commitment } = await this.#model(file);
    const { subject, challenger, trace } = record;
    const named = { root: trace?.root ?? zeroHash, postedAt: BigInt(trace?.postedAt ?? 0), model: modelOf(commitment) };
    const args = [subject, challenger, named] as const;
    return { kind: 'timeout', data: encodeFunctionData({ abi: disputeGameAbi, functionName: 'timeout', args }) };
  }

  async #model({ modelPath, modelRoot }: ModelFile): Promise<CommittedModel> {
    const known = this.#models.get(modelRoot);
    if (known) return known;
    const model = commitFile(await readFile(modelPath));
    const actual = toHex(model.modelRoot);
    if (actual !== modelRoot.toLowerCase()) {
      throw new DomainError<PlayerErrorCode>(
        'ModelRootMismatch',
        `The file ${modelPath} has the model root ${actual}, the registry says ${modelRoot}. Fetch the file again.`,
        { data: { modelPath, actual, modelRoot } },
      );
    }
    this.#models.set(modelRoot, model);
    return model;
  }

  #traceOf(model: CommittedModel, input: Uint8Array): CommittedTrace {
    const key = `${toHex(model.modelRoot)}/${toHex(keccak(input))}`;
    const known = this.#traces.get(key);
    if (known) return known;
    const trace = commitTrace(execute(model.graph, input));
    this.#traces.set(key, trace);
    return trace;
  }
}
