import type { Tensor } from '../tensor/tensor.js';
import { f32, fractions, i32, scalar } from './patterns.js';
import { node, vectorGraph, type VectorGraph } from './vector-graph.js';

const FLOAT = node('Cast', ['x'], 'float', { to: 1 });
const WIDE = node('Cast', ['x'], 'wide', { to: 6 });
const EVERY_BYTE = Array.from({ length: 256 }, (_, at) => at);
/** Below the least normal number, where some machines give zero unless they are told not to. */
const SUBNORMAL = 2 ** -140;

function floats(operator: string, about: string, other: Tensor, isFirst = true): VectorGraph {
  return vectorGraph(operator, about, {
    shape: [4, 64],
    nodes: [FLOAT, node(operator, isFirst ? ['float', 'other'] : ['other', 'float'])],
    constants: { other },
    input: EVERY_BYTE,
  });
}

function integers(operator: string, about: string, other: readonly number[], isFirst = true): VectorGraph {
  return vectorGraph(operator, about, {
    shape: [4, 64],
    nodes: [
      WIDE,
      node('Sub', ['wide', 'half'], 'signed'),
      node(operator, isFirst ? ['signed', 'other'] : ['other', 'signed']),
    ],
    constants: { half: i32([], [128]), other: i32([64], other) },
    input: EVERY_BYTE,
  });
}

/** -64 to 63.5 in halves, as float32. */
function halves(operator: string): VectorGraph {
  return vectorGraph(operator, 'halves of either sign', {
    shape: [256],
    nodes: [
      FLOAT,
      node('Mul', ['float', 'half'], 'halved'),
      node('Sub', ['halved', 'middle'], 'v'),
      node(operator, ['v']),
    ],
    constants: { half: scalar('FP32', 0.5), middle: scalar('FP32', 64) },
    input: EVERY_BYTE,
  });
}

/** One rounding on float32, none on INT32, and from one to the other. */
export const NUMBER_VECTORS: readonly VectorGraph[] = [
  floats('Add', 'float32 of many sizes, along the last axis', f32([64], [1e-9, 16_777_216, -0.1, 3.3333333, -7e10])),
  integers('Add', 'INT32', [2_000_000_000, -2_000_000_000, 7]),
  floats('Sub', 'float32, close to each other', f32([4, 64], [0.99999994, 127.0000076, 254.99998, 31.999998]), false),
  integers('Sub', 'INT32', [1_234_567_890, -2_147_483_000, 1]),
  floats('Mul', 'float32 fractions', fractions([4, 64])),
  floats('Mul', 'float32 below the normal numbers', scalar('FP32', SUBNORMAL)),
  integers('Mul', 'INT32', [16_000_000, -65_537, 3]),
  floats('Div', 'float32 by fractions', f32([64], [3, -7.1, 0.0137, 1e7, 49])),
  floats('Div', 'float32 to below the normal numbers', f32([64], [2 ** 126 * 1.7, -(2 ** 127), 3 ** 79])),
  integers('Div', 'INT32, towards zero', [7, -3, 2, 100]),
  halves('Round'),
  halves('Floor'),
  halves('Ceil'),
  halves('Relu'),
  floats('Max', 'float32 with negatives', f32([4, 64], [-1, 100.5, 0, 255, 31])),
  integers('Max', 'INT32', [-100, 3, 99]),
  floats('Min', 'float32 with negatives', f32([4, 64], [-1, 100.5, 0, 255, 31])),
  integers('Min', 'INT32', [-100, 3, 99]),
  vectorGraph('Clip', 'float32, INT32 and bytes', {
    shape: [256],
    nodes: [
      FLOAT,
      node('Sub', ['float', 'middle'], 'signed'),
      node('Clip', ['signed', 'least', 'most'], 'y'),
      WIDE,
      node('Clip', ['wide', '', 'ceiling'], 'z'),
      node('Clip', ['x', 'floor'], 'w'),
    ],
    constants: {
      ...{ middle: scalar('FP32', 100.25), least: scalar('FP32', -0.1), most: scalar('FP32', 77.7) },
      ...{ ceiling: scalar('INT32', 99), floor: scalar('UINT8', 31) },
    },
    outputs: ['y', 'z', 'w'],
    input: EVERY_BYTE,
  }),
  vectorGraph('Where', 'float32 and INT32, by a value', {
    shape: [8, 32],
    nodes: [
      node('Clip', ['x', '', 'one'], 'some'),
      node('Cast', ['some'], 'condition', { to: 9 }),
      FLOAT,
      node('Where', ['condition', 'float', 'other'], 'y'),
      WIDE,
      node('Where', ['condition', 'row', 'wide'], 'z'),
    ],
    constants: { one: scalar('UINT8', 1), other: fractions([32]), row: i32([32], [-5, 70_000]) },
    outputs: ['y', 'z'],
  }),
  vectorGraph('Cast', 'between all types', {
    shape: [256],
    nodes: [
      WIDE,
      node('Mul', ['wide', 'large'], 'product'),
      node('Cast', ['product'], 'rounded', { to: 1 }),
      FLOAT,
      node('Sub', ['float', 'middle'], 'signed'),
      node('Cast', ['signed'], 'truncated', { to: 6 }),
      node('Cast', ['truncated'], 'long', { to: 7 }),
      node('Cast', ['x'], 'bit', { to: 9 }),
      node('Cast', ['bit'], 'number', { to: 6 }),
      node('Clip', ['signed', 'least', 'most'], 'small'),
      node('Cast', ['small'], 'byte', { to: 2 }),
      node('Cast', ['small'], 'signedByte', { to: 3 }),
    ],
    constants: {
      ...{ large: i32([256], [8_388_611, -8_388_609, 65_537]), middle: scalar('FP32', 127.5) },
      ...{ least: scalar('FP32', 0), most: scalar('FP32', 126.9) },
    },
    outputs: ['rounded', 'truncated', 'long', 'bit', 'number', 'byte', 'signedByte'],
    input: EVERY_BYTE,
  }),
  vectorGraph('QuantizeLinear', 'ties, and beyond what a byte holds', {
    shape: [256],
    nodes: [
      FLOAT,
      node('Sub', ['float', 'middle'], 'signed'),
      node('QuantizeLinear', ['signed', 'two', 'zero'], 'y'),
      node('QuantizeLinear', ['signed', 'third', 'zeroOfSigned'], 'z'),
    ],
    constants: {
      ...{ middle: scalar('FP32', 100), two: scalar('FP32', 2), zero: scalar('UINT8', 33) },
      ...{ third: scalar('FP32', 1 / 3), zeroOfSigned: scalar('INT8', -7) },
    },
    outputs: ['y', 'z'],
    input: EVERY_BYTE,
  }),
  vectorGraph('QuantizeLinear', 'a scale per channel', {
    shape: [2, 5, 30],
    nodes: [FLOAT, node('QuantizeLinear', ['float', 'scales', 'zeros'], 'y', { axis: 1 })],
    constants: {
      scales: f32([5], [0.7, 1.9, 3, 0.013, 11.1]),
      zeros: { datatype: 'UINT8', dims: [5], data: new Uint8Array(5).fill(3) },
    },
  }),
  vectorGraph('DequantizeLinear', 'bytes and signed bytes', {
    shape: [256],
    nodes: [
      node('DequantizeLinear', ['x', 'scale', 'zero'], 'y'),
      FLOAT,
      node('QuantizeLinear', ['float', 'two', 'zeroOfSigned'], 'signed'),
      node('DequantizeLinear', ['signed', 'scale', 'zeroOfSigned'], 'z'),
    ],
    constants: {
      ...{ scale: scalar('FP32', 0.0123), zero: scalar('UINT8', 77), two: scalar('FP32', 2) },
      ...{ zeroOfSigned: scalar('INT8', -90) },
    },
    outputs: ['y', 'z'],
    input: EVERY_BYTE,
  }),
];
