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
  /** Of the wrong step. */
  readonly trace: CommittedTrace;
}

const DEFAULT_STEP = 8;

/**
 * Writes on from a prompt as the model does, but for one bit of one element in one step of the text: what is computed from it
 * is computed honestly, and so a wrong byte comes out.
 *
 * @param run one honest run of the graph, fast
 * @throws DomainError `NoSuchElement`, `HarmlessFault`
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
  const element = within('--element', options.element ?? lastRow(dims, context, last), 0, elements - 1);

  const before = right.subarray(0, step);
  const honest = execute(model.graph, stepInput(context, prompt, before));
  for (const mask of bitsOf(datatypeBytes(datatype))) {
    const trace = faultyRun(model, honest, node, element, mask);
    const [byte] = trace[model.commitment.outNode] as Uint8Array as unknown as [number];
    // The end of a text would be wrong as well, but a letter is easier to see.
    if (byte < 0x20 || byte > 0x7e || byte === right[step]) continue;
    const wrong = Uint8Array.of(...before, byte);
    const rest = await generateText({ context, run }, Uint8Array.of(...prompt, ...wrong), {
      maxNewBytes: maxNewBytes - wrong.length,
    });
    const bytes = (tensor: Uint8Array) => toHex(tensor.subarray(element * mask.length, (element + 1) * mask.length));
    return {
      ...{ right, asserted: Uint8Array.of(...wrong, ...rest), step, node, element },
      ...{ honest: bytes(honest[node]!), faulty: bytes(trace[node]!), trace: commitTrace(trace) },
    };
  }
  throw new DomainError(
    'HarmlessFault',
    `Whichever bit of element ${element} of step ${node} is wrong, byte ${step} of the text stays as it is: there is no lie to dispute. Choose another with --node and --element.`,
    { data: { step, node, element } },
  );
}

/** The run of a machine that gets some bits of one element wrong, and everything else right. */
function faultyRun(
  { graph, constants }: CommittedModel,
  honest: readonly Uint8Array[],
  node: number,
  element: number,
  mask: Uint8Array,
): Uint8Array[] {
  const trace = [...honest];
  const wrong = Uint8Array.from(honest[node]!);
  mask.forEach((bits, at) => (wrong[element * mask.length + at]! ^= bits));
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

/** Single bits of an element, little-endian, the most significant first. */
function bitsOf(bytes: number): Uint8Array[] {
  return Array.from({ length: 8 * bytes }, (_, at) => {
    const bit = 8 * bytes - 1 - at;
    const mask = new Uint8Array(bytes);
    mask[bit >> 3] = 1 << (bit & 7);
    return mask;
  });
}

/** The last of the longest dot products over all positions: its proof reads most. */
function longestProduct({ graph, commitment }: CommittedModel): number {
  const lengthOf = (node: number) => {
    const { op, dims, length } = graph.steps[node]!;
    return op === Opcode.Dot && dims[0] === commitment.inputBytes ? length : 0;
  };
  return graph.steps.reduce((best, _, node) => (lengthOf(node) >= lengthOf(best) ? node : best), 0);
}

/** The first element of what a step says of a position, where its rows are positions. */
function lastRow(dims: readonly number[], context: number, position: number): number {
  return dims[0] === context ? position * dims.slice(1).reduce((product, dim) => product * dim, 1) : 0;
}

function within(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new DomainError('NoSuchElement', `${option} is ${value}; it goes from ${least} to ${most}.`, {
    data: { option, value, least, most },
  });
}
