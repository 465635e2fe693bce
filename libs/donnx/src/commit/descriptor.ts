import { refuse } from '../error/refuse.js';
import { stepBytes, type StepGraph } from '../model/step-graph.js';
import { MAX_RANK, Opcode, type Constant, type Step, type StepInput } from '../steps/step.js';
import { DATATYPE_CODES, datatypeOfCode } from '../tensor/tensor.js';
import { tensorHeight } from './tensor-tree.js';

/** A step as it is committed: with the heights of the trees over its result and its operands. */
export interface Descriptor extends Omit<Step, 'inputs' | 'where'> {
  readonly height: number;
  readonly inputs: readonly (StepInput & { readonly height: number })[];
}

const HEADER_BYTES = 21;
const OPERAND_BYTES = 15;

/** The descriptor of step `id`. */
export function describeStep(graph: Pick<StepGraph, 'steps' | 'constants'>, id: number): Descriptor {
  const { op, datatype, dims, length, params, inputs } = graph.steps[id] as Step;
  const heightOf = ({ source }: StepInput) => {
    if (source.kind === 'step') return tensorHeight(stepBytes(graph.steps[source.id] as Step));
    return tensorHeight((graph.constants[source.id] as Constant).tensor.data.byteLength);
  };
  return {
    op,
    datatype,
    dims,
    length,
    params,
    height: tensorHeight(stepBytes({ dims, datatype })),
    inputs: inputs.map((input) => ({ ...input, height: heightOf(input) })),
  };
}

/** The bytes of SPEC.md, section 3: big-endian, packed. */
export function encodeDescriptor({ op, datatype, dims, length, params, height, inputs }: Descriptor): Uint8Array {
  const rank = dims.length;
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + 4 * rank + inputs.length * (OPERAND_BYTES + 4 * rank)));
  let at = 0;
  const u8 = (value: number) => view.setUint8(at++, value);
  const i32 = (value: number) => {
    view.setInt32(at, value);
    at += 4;
  };
  [op, DATATYPE_CODES[datatype], rank, inputs.length, height].forEach(u8);
  [length, ...params, ...dims].forEach(i32);
  for (const { source, datatype: read, height: treeHeight, offset, bound, strides } of inputs) {
    [source.kind === 'step' ? 0 : 1, DATATYPE_CODES[read], treeHeight].forEach(u8);
    [source.id, offset, bound, ...strides].forEach(i32);
  }
  return new Uint8Array(view.buffer);
}

const OPCODES: readonly number[] = Object.values(Opcode);

export function decodeDescriptor(bytes: Uint8Array): Descriptor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const malformed = () => refuse('ProofInvalid', 'A descriptor is malformed.');
  if (bytes.length < HEADER_BYTES) malformed();
  let at = 0;
  const u8 = () => view.getUint8(at++);
  const i32 = () => view.getInt32((at += 4) - 4);
  const list = (count: number) => Array.from({ length: count }, i32);
  const datatypeCode = () => datatypeOfCode(u8()) ?? malformed();
  const [op, datatype, rank, count, height] = [u8(), datatypeCode(), u8(), u8(), u8()];
  if (!OPCODES.includes(op) || rank < 1 || rank > MAX_RANK) malformed();
  if (bytes.length !== HEADER_BYTES + 4 * rank + count * (OPERAND_BYTES + 4 * rank)) malformed();
  const [length, ...params] = list(4) as [number, number, number, number];
  const dims = list(rank);
  const inputs = Array.from({ length: count }, () => {
    const [kind, read, treeHeight] = [u8(), datatypeCode(), u8()];
    const [id, offset, bound, ...strides] = list(3 + rank) as [number, number, number, ...number[]];
    const source = { kind: kind === 0 ? ('step' as const) : ('constant' as const), id };
    return { source, datatype: read, height: treeHeight, offset, bound, strides };
  });
  return { op: op as Opcode, datatype, dims, length, params, height, inputs };
}
