import type { TensorDatatype } from '@openimo/domain';
import type { Value } from '../lowering/value.js';
import { Opcode } from '../steps/step.js';
import { datatypeOfCode, productOf } from '../tensor/tensor.js';
import type { NodeInLowering, Operator } from './operator.js';

const CASTS: readonly TensorDatatype[] = ['FP32', 'INT32', 'INT64', 'UINT8', 'INT8', 'BOOL'];

const cast: Operator = {
  inputs: [1, 1],
  attributes: ['to', 'saturate'],
  lower(node) {
    const value = node.input(0);
    const to = datatypeOfCode(node.integer('to', 0));
    if (to === undefined) {
      return node.refuse('DatatypeNotAllowed', `casts to a type outside the profile. It has ${CASTS.join(', ')}.`);
    }
    if (to === value.datatype) return [value];
    return [node.builder.elementwise(Opcode.Cast, to, value.dims, [value])];
  },
};

/** A scale, one for all or one per position of `axis`, shaped to broadcast to `dims`. */
function scaleOf(node: NodeInLowering, position: number, dims: readonly number[]): Value {
  const value = node.input(position);
  node.requireDatatype(value, ['FP32'], 'Store scales as FLOAT.');
  const count = productOf(value.dims);
  if (count === 1) return { ...value, dims: [], strides: [] };
  const axis = node.axis(node.integer('axis', 1), dims.length);
  if (value.dims.length !== 1 || count !== dims[axis]) {
    node.refuse('ShapeMismatch', `has ${count} scales for ${dims[axis]} positions of axis ${axis}.`);
  }
  return node.builder.reshape(
    value,
    dims.slice(axis).map((dim, at) => (at === 0 ? dim : 1)),
  );
}

const quantizeLinear: Operator = {
  inputs: [2, 3],
  attributes: ['axis', 'saturate', 'block_size', 'output_dtype'],
  lower(node) {
    const value = node.input(0);
    node.requireDatatype(value, ['FP32'], 'Cast it to FLOAT before.');
    node.requireAttribute('block_size', 0, 'Quantise per tensor or per channel.');
    node.requireAttribute('output_dtype', 0, 'Say the type by the zero point.');
    const to = node.optional(2)?.datatype ?? 'UINT8';
    node.requireDatatype({ datatype: to }, ['UINT8', 'INT8'], 'Quantise to 8 bits.');
    const params = [node.uniform(2, 'zero point'), 0, 0] as const;
    return [node.builder.elementwise(Opcode.Quantize, to, value.dims, [value, scaleOf(node, 1, value.dims)], params)];
  },
};

const dequantizeLinear: Operator = {
  inputs: [2, 3],
  attributes: ['axis', 'block_size'],
  lower(node) {
    const value = node.input(0);
    // On INT32, onnxruntime's optimiser may move it into a QuantizeLinear of INT32, which its loader then rejects.
    node.requireDatatype(value, ['UINT8', 'INT8'], 'Replace it by Cast and Mul.');
    node.requireAttribute('block_size', 0, 'Quantise per tensor or per channel.');
    const zeroPoint = node.uniform(2, 'zero point');
    node.constant(1);
    const scale = scaleOf(node, 1, value.dims);
    return [node.builder.elementwise(Opcode.Dequantize, 'FP32', value.dims, [value, scale], [zeroPoint, 0, 0])];
  },
};

export const REQUANTISE: Readonly<Record<string, Operator>> = {
  Cast: cast,
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
};
