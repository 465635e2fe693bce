import { DomainError, datatypeBytes, isDomainError } from '@openimo/domain';
import {
  commitTrace,
  execute,
  generateText,
  Opcode,
  runStep,
  stepInput,
  toHex,
  type CommittedModel,
  type CommittedTrace,
} from '@openimo/donnx';

export interface CheatOptions {
  /** Which byte of the text is written wrong, from 0. */
  readonly step?: number | undefined;
  /** Which step of the model's graph is computed wrong, from 1. */
  readonly node?: number | undefined;
  /** Which element of it. */
  readonly element?: number | undefined;
}

/** What a cheating operator says a model wrote, and the run that it would stand by. */
export interface Cheat {
  /** What the model really writes. */
  readonly right: Uint8Array;
  /** The same up to the wrong byte; from there on what follows it. */
  readonly asserted: Uint8Array;
  readonly step: number;
  readonly node: number;
  readonly element: number;
  /** The element's bytes in hex. */
  readonly honest: string;
  readonly faulty: string;
  /** Whether the wrong element alone leaves the text as it is, so that the byte that comes out is changed as well. */
  readonly isByteForged: boolean;
  /** Of the wrong step. */
  readonly trace: CommittedTrace;
}

const DEFAULT_STEP = 8;
const FORGED = 0x3f;

/**
 * Writes on from a prompt as the model does, but for one bit of one element in one step of the text: what is computed from it
 * is computed honestly, and so a wrong byte comes out. Where none does, the byte is made wrong too.
 *
 * @param run one honest run of the graph, fast
 * @throws DomainError `NoSuchElement`
 */
export async function planCheat(
  model: CommittedModel,
  run: (input: Uint8Array) => Promise<Uint8Array>,
  prompt: Uint8Array,
  maxNewBytes: number,
  options: CheatOptions,
): Promise<Cheat> {
  const context = model.commitment.inputBytes;
  const right = await generateText({ context, run }, prompt, { maxNewBytes });
  const step = within('--step', options.step ?? Math.min(DEFAULT_STEP, right.length - 1), 0, right.length - 1);
  const node = within('--node', options.node ?? longestProduct(model), 1, model.commitment.nodeCount - 1);
  const { dims, datatype } = model.graph.steps[node]!;
  const elements = dims.reduce((product, dim) => product * dim, 1);
  const last = prompt.length + step - 1;
  const element = within('--element', options.element ?? atPosition(elements, context, last), 0, elements - 1);

  const before = right.subarray(0, step);
  const honest = execute(model.graph, stepInput(context, prompt, before));
  const size = datatypeBytes(datatype);
  const { trace, isByteForged } = wrongRun(model, honest, node, element * size, size);
  const wrong = Uint8Array.of(...before, ...trace[model.commitment.outNode]!);
  const rest = await generateText({ context, run }, Uint8Array.of(...prompt, ...wrong), {
    maxNewBytes: maxNewBytes - wrong.length,
  });
  const bytes = (tensor: Uint8Array) => toHex(tensor.subarray(element * size, (element + 1) * size));
  return {
    ...{ right, asserted: Uint8Array.of(...wrong, ...rest), step, node, element, isByteForged },
    ...{ honest: bytes(honest[node]!), faulty: bytes(trace[node]!), trace: commitTrace(trace) },
  };
}

/** A run with one bit wrong, of the upper ones the first that gets another letter written. */
function wrongRun(
  model: CommittedModel,
  honest: readonly Uint8Array[],
  node: number,
  offset: number,
  size: number,
): { trace: Uint8Array[]; isByteForged: boolean } {
  const { outNode } = model.commitment;
  const [rightByte] = honest[outNode] as Uint8Array as unknown as [number];
  let trace: Uint8Array[] = [];
  for (let bit = 8 * size - 1; bit >= Math.max(0, 8 * (size - 1)); bit--) {
    trace = faultyRun(model, honest, node, offset + (bit >> 3), 1 << (bit & 7));
    const [byte] = trace[outNode] as Uint8Array as unknown as [number];
    // The end of a text would be wrong as well, but a letter is easier to see.
    if (isLetter(byte) && byte !== rightByte) return { trace, isByteForged: false };
  }
  const forged = [1, 2, 4, 8].map((bits) => rightByte ^ bits).find(isLetter) ?? FORGED;
  return { trace: trace.with(outNode, Uint8Array.of(forged)), isByteForged: true };
}

function isLetter(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}

/** The run of a machine that gets some bits of one byte of a tensor wrong, and everything else right. */
function faultyRun(
  { graph, constants }: CommittedModel,
  honest: readonly Uint8Array[],
  node: number,
  byte: number,
  bits: number,
): Uint8Array[] {
  const trace = [...honest];
  const wrong = Uint8Array.from(honest[node]!);
  wrong[byte]! ^= bits;
  trace[node] = wrong;
  for (let next = node + 1; next < trace.length; next++) {
    try {
      trace[next] = runStep(graph.steps[next]!, ({ kind, id }) => (kind === 'step' ? trace : constants)[id]!);
    } catch (error) {
      // The wrong value left the domain of what follows, which then stays as it was.
      if (!isDomainError(error)) throw error;
    }
  }
  return trace;
}

/** The last of the longest dot products over all positions: its proof reads most. */
function longestProduct({ graph, commitment }: CommittedModel): number {
  const lengthOf = (node: number) => {
    const { op, dims, length } = graph.steps[node]!;
    return op === Opcode.Dot && dims[0] === commitment.inputBytes ? length : 0;
  };
  return graph.steps.reduce((best, _, node) => (lengthOf(node) >= lengthOf(best) ? node : best), 0);
}

/** The first element of what a step says of a position, where it says as much of each. */
function atPosition(elements: number, context: number, position: number): number {
  return elements % context === 0 ? (position * elements) / context : 0;
}

function within(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new DomainError('NoSuchElement', `${option} is ${value}; it goes from ${least} to ${most}.`, {
    data: { option, value, least, most },
  });
}
