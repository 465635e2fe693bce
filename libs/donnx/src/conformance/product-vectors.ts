import { f32, i32, i64, s7, scalar, u8 } from './patterns.js';
import { node, vectorGraph, type VectorGraph } from './vector-graph.js';

/** Products of bytes: what a machine without the newer instructions saturates, and shapes that kernels tell apart. */
export const PRODUCT_VECTORS: readonly VectorGraph[] = [
  vectorGraph('MatMulInteger', 'one row, weights in [-64, 63]', {
    shape: [1, 67],
    nodes: [node('MatMulInteger', ['x', 'w'])],
    constants: { w: s7([67, 17]) },
  }),
  vectorGraph('MatMulInteger', 'long rows, a zero point', {
    shape: [5, 1_024],
    nodes: [node('MatMulInteger', ['x', 'w', 'zx'])],
    constants: { w: s7([1_024, 33]), zx: scalar('UINT8', 128) },
  }),
  vectorGraph('MatMulInteger', 'unsigned weights, both zero points', {
    shape: [3, 35],
    nodes: [node('MatMulInteger', ['x', 'w', 'zx', 'zw'])],
    constants: { w: u8([35, 9]), zx: scalar('UINT8', 3), zw: scalar('UINT8', 200) },
  }),
  vectorGraph('MatMulInteger', 'signed operands', {
    shape: [4, 40],
    nodes: [
      node('Cast', ['x'], 'float', { to: 1 }),
      node('QuantizeLinear', ['float', 'one', 'zero'], 'signed'),
      node('MatMulInteger', ['signed', 'w']),
    ],
    constants: { one: scalar('FP32', 2.5), zero: scalar('INT8', -60), w: s7([40, 7]) },
  }),
  vectorGraph('MatMulInteger', 'activations by activations, in batches', {
    shape: [2, 3, 4, 20],
    nodes: [
      node('Transpose', ['x'], 'turned', { perm: [0, 1, 3, 2] }),
      node('MatMulInteger', ['x', 'turned', 'zx', 'zx']),
    ],
    constants: { zx: scalar('UINT8', 128) },
  }),
  vectorGraph('QLinearMatMul', 'a scale per column', {
    shape: [4, 65],
    nodes: [node('QLinearMatMul', ['x', 'sx', 'zx', 'w', 'sw', 'zw', 'sy', 'zy'])],
    constants: {
      ...{ sx: scalar('FP32', 0.0371), zx: scalar('UINT8', 17), w: s7([65, 5]), sw: f32([5], [0.013, 0.021, 0.0007]) },
      ...{ zw: i8zeros(5), sy: scalar('FP32', 0.61), zy: scalar('UINT8', 100) },
    },
  }),
  vectorGraph('QLinearMatMul', 'results that saturate', {
    shape: [2, 48],
    nodes: [node('QLinearMatMul', ['x', 'sx', 'zx', 'w', 'sw', 'zw', 'sy', 'zy'])],
    constants: {
      ...{ sx: scalar('FP32', 0.5), zx: scalar('UINT8', 0), w: s7([48, 16]), sw: scalar('FP32', 0.25) },
      ...{ zw: scalar('INT8', 0), sy: scalar('FP32', 1.5), zy: scalar('UINT8', 128) },
    },
  }),
  vectorGraph('QLinearConv', 'two axes, pads that differ, strides, a scale and a bias per channel', {
    shape: [1, 3, 9, 8],
    nodes: [
      node('QLinearConv', ['x', 'sx', 'zx', 'w', 'sw', 'zw', 'sy', 'zy', 'b'], 'y', {
        ...{ kernel_shape: [3, 3], pads: [1, 0, 2, 1], strides: [2, 1] },
      }),
    ],
    constants: {
      ...{ sx: scalar('FP32', 0.11), zx: scalar('UINT8', 9), w: u8([4, 3, 3, 3]), sw: f32([4], [0.02, 0.013, 0.005]) },
      ...{ zw: u8of(128, 4), sy: scalar('FP32', 3.7), zy: scalar('UINT8', 120), b: i32([4], [-900, 77, 4_000]) },
    },
  }),
  vectorGraph('QLinearConv', 'signed weights, a group per channel, dilated', {
    shape: [2, 4, 7, 7],
    nodes: [
      node('QLinearConv', ['x', 'sx', 'zx', 'w', 'sw', 'zw', 'sy', 'zy'], 'y', {
        ...{ kernel_shape: [2, 3], group: 4, dilations: [2, 1], pads: [0, 1, 0, 1] },
      }),
    ],
    constants: {
      ...{ sx: scalar('FP32', 0.3), zx: scalar('UINT8', 0), w: s7([4, 1, 2, 3]), sw: scalar('FP32', 0.017) },
      ...{ zw: scalar('INT8', 0), sy: scalar('FP32', 1.25), zy: scalar('UINT8', 128) },
    },
  }),
  vectorGraph('QLinearConv', 'one axis', {
    shape: [1, 5, 21],
    nodes: [
      node('QLinearConv', ['x', 'sx', 'zx', 'w', 'sw', 'zw', 'sy', 'zy'], 'y', { kernel_shape: [3], pads: [1, 1] }),
    ],
    constants: {
      ...{ sx: scalar('FP32', 0.3), zx: scalar('UINT8', 4), w: s7([6, 5, 3]), sw: scalar('FP32', 0.017) },
      ...{ zw: scalar('INT8', 0), sy: scalar('FP32', 2.5), zy: scalar('UINT8', 128) },
    },
  }),
  vectorGraph('ConvInteger', 'unsigned weights and zero points', {
    shape: [1, 2, 6, 7],
    nodes: [node('ConvInteger', ['x', 'w', 'zx', 'zw'], 'y', { kernel_shape: [3, 2], strides: [1, 2] })],
    constants: { w: u8([3, 2, 3, 2]), zx: scalar('UINT8', 12), zw: scalar('UINT8', 128) },
  }),
  vectorGraph('com.microsoft.QGemm', 'transposed weights and a bias, to bytes', {
    shape: [3, 32],
    nodes: [node('com.microsoft.QGemm', ['x', 'sx', 'zx', 'w', 'sw', 'zw', 'b', 'sy', 'zy'], 'y', { transB: 1 })],
    constants: {
      ...{ sx: scalar('FP32', 0.07), zx: scalar('UINT8', 11), w: s7([6, 32]), sw: scalar('FP32', 0.031) },
      ...{ zw: scalar('INT8', 0), b: i32([6], [-512, 3, 7_000]), sy: scalar('FP32', 0.9), zy: scalar('UINT8', 64) },
    },
  }),
  vectorGraph('com.microsoft.QGemm', 'to float32, a scale per column', {
    shape: [4, 19],
    nodes: [node('com.microsoft.QGemm', ['x', 'sx', 'zx', 'w', 'sw', 'zw', 'b'])],
    constants: {
      ...{ sx: scalar('FP32', 0.07), zx: scalar('UINT8', 11), w: s7([19, 3]), sw: f32([3], [0.031, 0.2, 0.0019]) },
      ...{ zw: i8zeros(3), b: i32([3], [-512, 3, 7_000]) },
    },
  }),
  vectorGraph('ReduceSum', 'of INT32, over two axes', {
    shape: [3, 5, 7],
    nodes: [
      node('Cast', ['x'], 'wide', { to: 6 }),
      node('Sub', ['wide', 'half'], 'centred'),
      node('ReduceSum', ['centred', 'axes'], 'y', { keepdims: 0 }),
    ],
    constants: { half: i32([], [128]), axes: i64([0, 2]) },
  }),
  vectorGraph('ReduceSum', 'of float32 that holds integers, in any order', {
    shape: [2, 301],
    nodes: [
      node('Cast', ['x'], 'float', { to: 1 }),
      node('Mul', ['float', 'hundred'], 'large'),
      node('ReduceSum', ['large', 'axes'], 'y', { keepdims: 1 }),
    ],
    constants: { hundred: scalar('FP32', 101), axes: i64([-1]) },
  }),
  vectorGraph('ReduceSumSquare', 'of INT32', {
    shape: [4, 130],
    nodes: [
      node('Cast', ['x'], 'wide', { to: 6 }),
      node('Sub', ['wide', 'half'], 'centred'),
      node('ReduceSumSquare', ['centred'], 'y', { axes: [1], keepdims: 1 }),
    ],
    constants: { half: i32([], [128]) },
  }),
  vectorGraph('ReduceMax', 'of INT32 and of float32', {
    shape: [3, 41],
    nodes: [
      node('Cast', ['x'], 'wide', { to: 6 }),
      node('Sub', ['wide', 'most'], 'below'),
      node('ReduceMax', ['below'], 'y', { axes: [0], keepdims: 0 }),
      node('Cast', ['below'], 'float', { to: 1 }),
      node('Mul', ['float', 'third'], 'fraction'),
      node('ReduceMax', ['fraction'], 'z', { axes: [1], keepdims: 1 }),
    ],
    constants: { most: i32([41], [300, 77, 512]), third: scalar('FP32', 1 / 3) },
    outputs: ['y', 'z'],
  }),
  vectorGraph('ArgMax', 'the first of equals', {
    shape: [3, 37],
    nodes: [
      node('ArgMax', ['x'], 'y', { axis: 1, keepdims: 0 }),
      node('Cast', ['x'], 'wide', { to: 6 }),
      node('Sub', ['zero', 'wide'], 'negative'),
      node('ArgMax', ['negative'], 'z', { axis: 1, keepdims: 1 }),
    ],
    constants: { zero: i32([], [0]) },
    outputs: ['y', 'z'],
  }),
];

function i8zeros(length: number) {
  return { datatype: 'INT8' as const, dims: [length], data: new Int8Array(length) };
}

function u8of(value: number, length: number) {
  return { datatype: 'UINT8' as const, dims: [length], data: new Uint8Array(length).fill(value) };
}
