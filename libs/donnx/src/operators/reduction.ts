import type { TensorDatatype } from '@openimo/domain';
import { isContiguous, permute, type Value } from '../lowering/value.js';
import { Opcode } from '../steps/step.js';
import { productOf } from '../tensor/tensor.js';
import type { NodeInLowering, Operator } from './operator.js';
import { WINDOW_ATTRIBUTES, windowsOf } from './window.js';

/** Reduces `axes` of `value`, which become one contiguous axis at the end. */
function reduceAxes(
  node: NodeInLowering,
  op: Opcode,
  datatype: TensorDatatype,
  value: Value,
  axes: readonly number[],
  keepDims: boolean,
): Value {
  const { builder } = node;
  const kept = value.dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const ordered = permute(value, [...kept, ...axes]);
  const rows = isContiguous(ordered, kept.length) ? ordered : builder.copy(ordered);
  const length = productOf(axes.map((axis) => value.dims[axis] as number));
  const outer = kept.map((axis) => value.dims[axis] as number);
  const reduced =
    op === Opcode.ArgMax
      ? builder.emit(op, datatype, outer, [{ ...rows, dims: outer, strides: rows.strides.slice(0, outer.length) }], {
          length,
        })
      : builder.reduce(op, datatype, outer, [rows], length);
  if (!keepDims) return reduced;
  return builder.reshape(
    reduced,
    value.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
  );
}

/** ReduceSum, ReduceSumSquare, ReduceMax. Axes are an input in newer operator sets, an attribute in older ones. */
function reduction(op: Opcode, admitted: readonly TensorDatatype[], remedy: string): Operator {
  return {
    inputs: [1, 2],
    attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
    lower(node) {
      const value = node.input(0);
      node.requireDatatype(value, admitted, remedy);
      const rank = value.dims.length;
      const given = node.integers(1) ?? node.list('axes') ?? [];
      if (given.length === 0 && node.integer('noop_with_empty_axes', 0) === 1) {
        node.refuse('AttributeNotAllowed', 'reduces nothing. Leave it out.');
      }
      const axes = given.length > 0 ? given.map((axis) => node.axis(axis, rank)) : value.dims.map((_, axis) => axis);
      const sorted = [...new Set(axes)].sort((a, b) => a - b);
      return [reduceAxes(node, op, value.datatype, value, sorted, node.integer('keepdims', 1) === 1)];
    },
  };
}

const argMax: Operator = {
  inputs: [1, 1],
  attributes: ['axis', 'keepdims', 'select_last_index'],
  lower(node) {
    const value = node.input(0);
    node.requireDatatype(value, ['FP32', 'INT32', 'UINT8', 'INT8'], 'Cast it before.');
    node.requireAttribute('select_last_index', 0, 'The profile takes the first of equals.');
    const axis = node.axis(node.integer('axis', 0), value.dims.length);
    return [reduceAxes(node, Opcode.ArgMax, 'INT64', value, [axis], node.integer('keepdims', 1) === 1)];
  },
};

const maxPool: Operator = {
  inputs: [1, 1],
  attributes: [...WINDOW_ATTRIBUTES, 'ceil_mode', 'storage_order'],
  lower(node) {
    const value = node.input(0);
    node.requireDatatype(value, ['UINT8'], 'Quantise it to UINT8.');
    node.requireAttribute('ceil_mode', 0, 'Pad the input instead.');
    if (node.plain.outputs.slice(1).some((name) => name !== ''))
      node.refuse('AttributeNotAllowed', 'also makes indices. Take its first output only.');
    const kernel = node.list('kernel_shape') ?? node.refuse('ModelMalformed', 'lacks its kernel_shape.');
    // Padding never wins: 0 is the least UINT8, and no window lies in the padding alone.
    const { view, out } = windowsOf(node, value, kernel, 0);
    const pads = node.list('pads') ?? [];
    if (pads.some((size, axis) => size >= (kernel[axis % kernel.length] as number))) {
      node.refuse('AttributeNotAllowed', 'pads by a whole window. Pad by less than its kernel.');
    }
    const dims = [...value.dims.slice(0, 2), ...out];
    return [node.builder.reduce(Opcode.MaxOf, 'UINT8', dims, [node.builder.copy(view)], productOf(kernel))];
  },
};

export const REDUCTION: Readonly<Record<string, Operator>> = {
  ReduceSum: reduction(Opcode.Sum, ['INT32', 'FP32'], 'Cast it to INT32 before.'),
  ReduceSumSquare: reduction(Opcode.SumSquare, ['INT32'], 'Cast it to INT32 before.'),
  ReduceMax: reduction(Opcode.MaxOf, ['INT32', 'FP32', 'UINT8', 'INT8'], 'Cast it to INT32 before.'),
  ArgMax: argMax,
  MaxPool: maxPool,
};
