import {
  canonicalBytes,
  commitTrace,
  compileModel,
  equalBytes,
  execute,
  Opcode,
  outputOf,
  tensorTree,
  toHex,
  type CheckedGraph,
} from '@openimo/donnx';
import { DomainError } from '@openimo/domain';
import pc from 'picocolors';
import { readLocalFile } from '../input/local-file.js';
import type { Output } from '../ui/output.js';
import { openModel } from './local-model.js';

export interface TraceOptions {
  /** File with the input's bytes. */
  input?: string;
  /** For models of one UINT8 input: its bytes, filled up with zeros. */
  text?: string;
}

const OUTPUT_SHOWN = 64;
const OPCODE_NAMES = new Map<number, string>(Object.entries(Opcode).map(([name, code]) => [code, name]));

/**
 * Runs a model in the executor that is the specification and prints the root of every step's tensor, as a dispute would
 * commit them. onnxruntime has to give the same answer.
 *
 * @throws DomainError `RuntimeDisagrees` when it does not
 */
export async function trace(output: Output, file: string, options: TraceOptions): Promise<void> {
  const bytes = await readLocalFile(file);
  const graph = compileModel(bytes);
  const input = await inputOf(graph, options);
  const run = execute(graph, input);
  const { trees, root } = commitTrace(run);
  const answer = outputOf(graph, run);
  await requireAgreement(bytes, graph, input, answer);

  const steps = graph.steps.map(({ op, where, datatype, dims }, id) => ({
    id,
    op: OPCODE_NAMES.get(op) as string,
    datatype,
    dims,
    bytes: run[id]!.length,
    root: toHex(trees[id]!.root),
    where,
  }));
  const roots = {
    traceRoot: toHex(root),
    inputRoot: steps[0]!.root,
    outputRoot: toHex(tensorTree(answer).root),
    output: toHex(answer),
  };
  if (output.json) return output.result({ ...roots, outNode: graph.outNode, steps });
  for (const step of steps) {
    const shape = `${step.datatype} [${step.dims.join(', ')}]`;
    output.line(
      `${String(step.id).padStart(5)}  ${step.root}  ${step.op.padEnd(10)} ${shape.padEnd(24)} ${pc.dim(step.where)}`,
    );
  }
  output.line();
  output.fact('trace root', roots.traceRoot);
  output.fact('input root', roots.inputRoot);
  output.fact('output root', `${roots.outputRoot} (step ${graph.outNode})`);
  output.fact(
    'output',
    answer.length > OUTPUT_SHOWN ? `${toHex(answer.subarray(0, OUTPUT_SHOWN))}… ${answer.length} bytes` : roots.output,
  );
  output.line('onnxruntime gives the same bytes.');
}

async function inputOf({ inputs }: CheckedGraph, { input, text }: TraceOptions): Promise<Uint8Array> {
  if (input !== undefined) return readLocalFile(input);
  if (text === undefined) {
    throw new DomainError('InputMissing', 'Say what to run the model on: --input <file> or --text <prompt>.');
  }
  const [only, ...others] = inputs;
  const bytes = new TextEncoder().encode(text);
  const length = only!.shape.reduce((product, dim) => product * dim, 1);
  if (only!.datatype !== 'UINT8' || others.length > 0 || bytes.length > length) {
    throw new DomainError(
      'InputNotText',
      others.length > 0 || only!.datatype !== 'UINT8'
        ? 'This model does not read text. Give its input bytes with --input <file>.'
        : `The text has ${bytes.length} bytes and the model reads ${length}. Shorten it.`,
    );
  }
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return padded;
}

async function requireAgreement(
  file: Uint8Array,
  graph: CheckedGraph,
  input: Uint8Array,
  answer: Uint8Array,
): Promise<void> {
  const run = await openModel(file, graph.inputs);
  const answers = await run(input);
  const theirs = Buffer.concat(graph.outputs.map(({ name }) => canonicalBytes(answers[name]!, name)));
  if (equalBytes(theirs, answer)) return;
  throw new DomainError(
    'RuntimeDisagrees',
    `onnxruntime on this machine answers ${toHex(theirs)}, the specification ${toHex(answer)}. Do not serve with it.`,
  );
}
