import { datatypeBytes } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { Opcode, type Constant, type Step, type StepInput } from '../steps/step.js';
import { signatureFault } from '../steps/signatures.js';
import { stepBytes } from './step-graph.js';

const INT32_MAX = 2 ** 31 - 1;

/**
 * The last line before a graph is committed: every operand reads what comes before it and inside of it, for every element,
 * every number fits its place in a descriptor, and the verifier takes its datatypes. Lowering sees to that; if it ever did not, an honest operator's step
 * could be impossible to recompute, so this is checked for each model rather than believed.
 */
export function checkSteps(steps: readonly Step[], constants: readonly Constant[]): void {
  steps.forEach((step, id) => {
    const fault = signatureFault(step);
    if (fault !== undefined) fail(step, fault);
    const numbers = [step.length, ...step.params, ...step.dims];
    step.inputs.forEach((input, operand) => {
      const { source, offset, strides, bound } = input;
      numbers.push(offset, bound, ...strides);
      if (source.kind === 'step' && source.id >= id)
        fail(step, `reads step ${source.id}, which is not before step ${id}`);
      const bytes =
        source.kind === 'step' ? stepBytes(steps[source.id] as Step) : constants[source.id]!.tensor.data.byteLength;
      const [first, end] = addressRange(step, operand, input);
      if (first < 0 || end > bytes) fail(step, `reads bytes ${first} to ${end} of ${bytes}`);
    });
    const outside = numbers.find((value) => !Number.isInteger(value) || Math.abs(value) > INT32_MAX);
    if (outside !== undefined) fail(step, `needs the number ${outside} in its descriptor`);
  });
}

/** The first byte that an operand reads over all elements, and the one after the last. */
function addressRange(
  step: Step,
  operand: number,
  { offset, strides, datatype }: StepInput,
): readonly [number, number] {
  let [first, last] = [offset, offset];
  strides.forEach((stride, axis) => {
    const [from, to] = coordinates(step, operand, axis);
    first += Math.min(stride * from, stride * to);
    last += Math.max(stride * from, stride * to);
  });
  return [first, last + spanOf(step, operand, datatypeBytes(datatype))];
}

/** Coordinates for which an operand is read: all of them, but for the axis along which Concat's follow one another. */
function coordinates({ op, dims, params, inputs }: Step, operand: number, axis: number): readonly [number, number] {
  const all = [0, (dims[axis] as number) - 1] as const;
  if (op !== Opcode.Concat || axis !== params[0] || inputs.length === 1) return all;
  const from = operand === 0 ? 0 : inputs[operand - 1]!.bound;
  return [from, operand === inputs.length - 1 ? all[1] : inputs[operand]!.bound - 1];
}

/** Bytes from an operand's address on. */
function spanOf({ op, length, params, dims }: Step, operand: number, size: number): number {
  if (op === Opcode.Gather && operand === 1) return size + params[0] * (params[1] - 1);
  if (length === 0) return size;
  // The last segment of a cut reduction starts at its address like all others, and may end before them.
  const segments = params[2] > length ? (dims.at(-1) as number) : 1;
  return size * (params[2] > length ? params[2] - (segments - 1) * length : length);
}

function fail({ where }: Step, what: string): never {
  refuse('ModelMalformed', `${where} ${what}. This is a fault of the lowering: please report the model.`, { where });
}
