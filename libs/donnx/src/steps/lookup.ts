import { datatypeBytes } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import type { Interval } from '../range/interval.js';
import { addressOf } from './addressing.js';
import type { KernelOperand, Step, StepMeaning } from './step.js';

/**
 * Operand 0 is an index below params[1]; the element is that of operand 1, params[0] bytes further per index. Reads the
 * index, then the element.
 */
export const gather: StepMeaning = {
  element(step, flat, reads) {
    const [stride, count] = step.params;
    const index = Number(reads.scalar(0, addressOf(step, 0, flat)));
    if (!(index >= 0 && index < count)) refuseIndex(step, index, index);
    return reads.scalar(1, addressOf(step, 1, flat) + index * stride);
  },

  kernel(step, operands, out) {
    const [indices, table] = operands as [KernelOperand, KernelOperand];
    const [stride, count] = step.params;
    const elements = stride / datatypeBytes(step.inputs[1]!.datatype);
    for (let at = 0; at < out.length; at++) {
      const index = Number(indices.data[indices.index[at] as number]);
      if (!(index >= 0 && index < count)) refuseIndex(step, index, index);
      out[at] = table.data[(table.index[at] as number) + index * elements] as never;
    }
  },

  range(step, operands) {
    const [index, table] = operands as [Interval, Interval];
    if (index.lo < 0 || index.hi >= step.params[1]) refuseIndex(step, index.lo, index.hi);
    return table;
  },
};

function refuseIndex(step: Step, lo: number, hi: number): never {
  const last = step.params[1] - 1;
  refuse(
    'IndexOutOfRange',
    `${step.where} looks up indices from ${lo} to ${hi} in ${last + 1} entries. Clip the indices to [0, ${last}] before.`,
    { where: step.where, lo, hi, last },
  );
}
