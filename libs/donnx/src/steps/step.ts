import type { TensorDatatype } from '@openimo/domain';
import type { Scalar, Tensor, TypedArray } from '../tensor/tensor.js';
import type { Interval } from '../range/interval.js';

/** What a step computes. The numbers are part of the format (SPEC.md) and never change their meaning. */
export const Opcode = {
  Input: 0,
  Concat: 1,
  Dot: 2,
  Sum: 3,
  SumSquare: 4,
  MaxOf: 5,
  ArgMax: 6,
  Gather: 7,
  Select: 8,
  Clip: 9,
  Add: 10,
  Sub: 11,
  Mul: 12,
  Div: 13,
  Min: 14,
  Max: 15,
  Round: 16,
  Floor: 17,
  Ceil: 18,
  Cast: 19,
  Quantize: 20,
  Dequantize: 21,
  Requantize: 22,
} as const;

export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** More axes than this, after merging, do not fit a descriptor. */
export const MAX_RANK = 6;
/** The most products one proof recomputes; longer dot products become partial sums. */
export const MAX_DOT_LENGTH = 1024;
/** The most elements one proof adds up or compares. */
export const MAX_REDUCE_LENGTH = 256;

/**
 * One node of the step graph: makes one committed tensor, `dims` row-major. Its id is its position; step 0 is the input.
 * Everything a judge needs to recompute one element is in here and in the operands.
 */
export interface Step {
  readonly op: Opcode;
  readonly datatype: TensorDatatype;
  readonly dims: readonly number[];
  /** Elements reduced per output element at most; 0 where the operator reduces nothing. */
  readonly length: number;
  /** Meaning per opcode, see SPEC.md. Each fits an int32. */
  readonly params: readonly [number, number, number];
  readonly inputs: readonly StepInput[];
  /** The ONNX node that this step is part of, for messages. Not committed. */
  readonly where: string;
}

/** One operand: `address = offset + Σ coordinate[axis] · strides[axis]`, in bytes of the source's canonical bytes. */
export interface StepInput {
  readonly source: Source;
  /** How the bytes are read; step 0 and packed outputs are read as other types than they are committed. */
  readonly datatype: TensorDatatype;
  readonly offset: number;
  readonly strides: readonly number[];
  /** Concat: this operand serves coordinates below `bound` on the concatenated axis, from the previous operand's on. */
  readonly bound: number;
}

export interface Source {
  readonly kind: 'step' | 'constant';
  readonly id: number;
}

/** A tensor of the step graph that does not depend on the input. */
export interface Constant {
  readonly name: string;
  readonly tensor: Tensor;
}

/** Where one element's recomputation reads. Addresses are bytes, in the order and manner that SPEC.md fixes. */
export interface OperandReads {
  scalar(input: number, address: number): Scalar;
  bytes(input: number, address: number, length: number): DataView;
}

/** One operand as a kernel reads it: output element `i` is at `data[index[i]]`. */
export interface KernelOperand {
  readonly data: TypedArray;
  readonly index: Int32Array;
  /** The element of `data` at the operand's offset. */
  readonly first: number;
}

/** What an opcode means, said three times: per element (the judge's way), as a whole (fast), and for all inputs. */
export interface StepMeaning {
  /** Recomputes the element at position `flat`. */
  element(step: Step, flat: number, reads: OperandReads): Scalar;
  /** Fills `out` with every element; agrees with `element` bit for bit. */
  kernel(step: Step, operands: readonly KernelOperand[], out: TypedArray): void;
  /**
   * Whether the reads show that `claimed` is wrong, where that takes less than recomputing. `hint` comes from whoever
   * accuses; without it, `element` decides.
   */
  refutes?(step: Step, flat: number, claimed: Scalar, reads: OperandReads, hint: number): boolean;
  /** Bounds of the result for every input, or a refusal that names the node and the remedy. */
  range(step: Step, operands: readonly Interval[], graph: StepOperands): Interval;
}

/** What range rules may look at beyond intervals. */
export interface StepOperands {
  /** The constant behind operand `input`, if it is one. */
  constant(input: number): Tensor | undefined;
}
