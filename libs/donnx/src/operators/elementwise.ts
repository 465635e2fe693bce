import type { TensorDatatype } from '@openimo/domain';
import type { Value } from '../lowering/value.js';
import { Opcode } from '../steps/step.js';
import type { NodeInLowering, Operator } from './operator.js';

const NUMBERS: readonly TensorDatatype[] = ['FP32', 'INT32'];
const CAST = 'Cast its inputs before.';

/** Add, Sub, Mul, Div: one rounding on FP32, exact on INT32. */
function arithmetic(op: Opcode): Operator {
  return {
    inputs: [2, 2],
    attributes: [],
    lower(node) {
      const operands = [node.input(0), node.input(1)];
      return [combine(node, op, operands, NUMBERS)];
    },
  };
}

function combine(
  node: NodeInLowering,
  op: Opcode,
  operands: readonly Value[],
  admitted: readonly TensorDatatype[],
): Value {
  const [first] = operands as [Value];
  node.requireDatatype(first, admitted, CAST);
  if (operands.some(({ datatype }) => datatype !== first.datatype)) {
    node.refuse('DatatypeNotAllowed', `mixes ${operands.map(({ datatype }) => datatype).join(' and ')}. ${CAST}`);
  }
  return node.builder.elementwise(op, first.datatype, node.broadcast(operands), operands);
}

/** Min, Max: of one or more tensors. */
function order(op: Opcode): Operator {
  return {
    inputs: [1, 64],
    attributes: [],
    lower(node) {
      const operands = Array.from({ length: node.count }, (_, position) => node.input(position));
      return [operands.reduce((so, next) => combine(node, op, [so, next], ['FP32', 'INT32', 'INT64']))];
    },
  };
}

/** Round, Floor, Ceil: FP32 to integers in FP32. */
function rounding(op: Opcode): Operator {
  return {
    inputs: [1, 1],
    attributes: [],
    lower(node) {
      const value = node.input(0);
      node.requireDatatype(value, ['FP32'], 'Integers need no rounding: leave it out.');
      return [node.builder.elementwise(op, 'FP32', value.dims, [value])];
    },
  };
}

const clip: Operator = {
  inputs: [1, 3],
  attributes: [],
  lower(node) {
    const value = node.input(0);
    node.requireDatatype(value, ['FP32', 'INT32', 'INT64', 'UINT8', 'INT8'], CAST);
    const { builder } = node;
    const bounds = [1, 2].map((position) => {
      if (node.optional(position) === undefined) return undefined;
      const tensor = node.constant(position);
      if (tensor.data.length !== 1 || tensor.datatype !== value.datatype) {
        node.refuse('ShapeMismatch', `needs bounds that are single ${value.datatype} numbers.`);
      }
      return { value: node.input(position), number: Number(tensor.data[0]) };
    });
    const [least, most] = bounds;
    if (least && most && least.number > most.number) {
      node.refuse(
        'AttributeNotAllowed',
        `has bounds the wrong way round: ${least.number} above ${most.number}. Swap them.`,
      );
    }
    const scalar = (bound: { value: Value }) => ({ ...bound.value, dims: [], strides: [] });
    if (least && most) {
      return [builder.elementwise(Opcode.Clip, value.datatype, value.dims, [value, scalar(least), scalar(most)])];
    }
    if (least) return [builder.elementwise(Opcode.Max, value.datatype, value.dims, [value, scalar(least)])];
    if (most) return [builder.elementwise(Opcode.Min, value.datatype, value.dims, [value, scalar(most)])];
    return [value];
  },
};

const relu: Operator = {
  inputs: [1, 1],
  attributes: [],
  lower(node) {
    const value = node.input(0);
    node.requireDatatype(value, ['FP32'], 'On integers use Max with zero.');
    const zero = node.builder.derived('zero', 'FP32', [], [0]);
    return [node.builder.elementwise(Opcode.Max, 'FP32', value.dims, [value, zero])];
  },
};

const where: Operator = {
  inputs: [3, 3],
  attributes: [],
  lower(node) {
    const operands = [node.input(0), node.input(1), node.input(2)] as const;
    const [condition, yes, no] = operands;
    node.requireDatatype(condition, ['BOOL'], 'Cast the condition to BOOL.');
    node.requireDatatype(yes, ['FP32', 'INT32', 'INT64', 'UINT8'], CAST);
    if (yes.datatype !== no.datatype)
      node.refuse('DatatypeNotAllowed', `chooses between ${yes.datatype} and ${no.datatype}. ${CAST}`);
    return [node.builder.elementwise(Opcode.Select, yes.datatype, node.broadcast(operands), operands)];
  },
};

export const ELEMENTWISE: Readonly<Record<string, Operator>> = {
  Add: arithmetic(Opcode.Add),
  Sub: arithmetic(Opcode.Sub),
  Mul: arithmetic(Opcode.Mul),
  Div: arithmetic(Opcode.Div),
  Min: order(Opcode.Min),
  Max: order(Opcode.Max),
  Round: rounding(Opcode.Round),
  Floor: rounding(Opcode.Floor),
  Ceil: rounding(Opcode.Ceil),
  Clip: clip,
  Relu: relu,
  Where: where,
};
