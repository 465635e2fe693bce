import { refuse } from '../error/refuse.js';
import { boundsOf } from '../range/interval.js';
import { add, ceil, clip, div, floor, max, min, mul, round, sub } from './arithmetic.js';
import { cast, dequantize, quantize, requantize } from './convert.js';
import { dot } from './dot.js';
import { gather } from './lookup.js';
import { concat, select } from './movement.js';
import { argMax, maxOf, sum, sumSquare } from './reduce.js';
import { Opcode, type StepMeaning } from './step.js';

/** Step 0 is what the requester sent; nobody computes it. */
const input: StepMeaning = {
  element: () => refuse('ProofInvalid', 'Step 0 is the input, which is not computed.'),
  kernel: () => refuse('ProofInvalid', 'Step 0 is the input, which is not computed.'),
  range: () => boundsOf('UINT8'),
};

export const MEANINGS: Readonly<Record<Opcode, StepMeaning>> = {
  [Opcode.Input]: input,
  [Opcode.Concat]: concat,
  [Opcode.Dot]: dot,
  [Opcode.Sum]: sum,
  [Opcode.SumSquare]: sumSquare,
  [Opcode.MaxOf]: maxOf,
  [Opcode.ArgMax]: argMax,
  [Opcode.Gather]: gather,
  [Opcode.Select]: select,
  [Opcode.Clip]: clip,
  [Opcode.Add]: add,
  [Opcode.Sub]: sub,
  [Opcode.Mul]: mul,
  [Opcode.Div]: div,
  [Opcode.Min]: min,
  [Opcode.Max]: max,
  [Opcode.Round]: round,
  [Opcode.Floor]: floor,
  [Opcode.Ceil]: ceil,
  [Opcode.Cast]: cast,
  [Opcode.Quantize]: quantize,
  [Opcode.Dequantize]: dequantize,
  [Opcode.Requantize]: requantize,
};
