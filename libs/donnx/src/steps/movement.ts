import { union } from '../range/interval.js';
import type { TypedArray } from '../tensor/tensor.js';
import { addressOf, coordinatesOf } from './addressing.js';
import type { KernelOperand, StepInput, StepMeaning } from './step.js';

/** The operand that serves coordinate `at` of the concatenated axis; the last one serves the rest. */
function operandAt(inputs: readonly StepInput[], at: number): number {
  const found = inputs.findIndex(({ bound }) => at < bound);
  return found < 0 ? inputs.length - 1 : found;
}

/** Strided copies one after another along the axis params[0]. One operand is a strided copy. */
export const concat: StepMeaning = {
  element(step, flat, reads) {
    const at = coordinatesOf(step.dims, flat)[step.params[0]] as number;
    const operand = operandAt(step.inputs, at);
    return reads.scalar(operand, addressOf(step, operand, flat));
  },

  kernel(step, operands, out) {
    if (operands.length === 1) {
      copy(operands[0] as KernelOperand, 0, out.length, out);
      return;
    }
    const [axis] = step.params;
    const dim = step.dims[axis] as number;
    const inner = step.dims.slice(axis + 1).reduce((product, size) => product * size, 1);
    const serving = Array.from({ length: dim }, (_, at) => operands[operandAt(step.inputs, at)] as KernelOperand);
    for (let from = 0, at = 0; from < out.length; from += inner, at = (at + 1) % dim) {
      copy(serving[at] as KernelOperand, from, from + inner, out);
    }
  },

  range: (_step, operands) => union(operands),
};

function copy({ data, index }: KernelOperand, from: number, to: number, out: TypedArray): void {
  for (let at = from; at < to; at++) out[at] = data[index[at] as number] as never;
}

/** Operand 1 where operand 0 is not zero, else operand 2. Reads the condition, then the chosen one only. */
export const select: StepMeaning = {
  element(step, flat, reads) {
    const chosen = Number(reads.scalar(0, addressOf(step, 0, flat))) !== 0 ? 1 : 2;
    return reads.scalar(chosen, addressOf(step, chosen, flat));
  },

  kernel(_step, operands, out) {
    const [condition, yes, no] = operands as [KernelOperand, KernelOperand, KernelOperand];
    for (let at = 0; at < out.length; at++) {
      const { data, index } = condition.data[condition.index[at] as number] ? yes : no;
      out[at] = data[index[at] as number] as never;
    }
  },

  range: (_step, [, yes, no]) => union([yes, no] as never),
};
