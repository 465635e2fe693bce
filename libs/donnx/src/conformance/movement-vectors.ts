import { f32, fractions, i64, scalar, u8 } from './patterns.js';
import { node, vectorGraph, type VectorGraph } from './vector-graph.js';

const FLOAT = node('Cast', ['x'], 'float', { to: 1 });

/** Bytes that only move: a runtime that moves them wrongly answers for other elements. */
export const MOVEMENT_VECTORS: readonly VectorGraph[] = [
  vectorGraph('GatherElements', 'a table of 256 entries, by bytes', {
    shape: [3, 50],
    nodes: [
      node('Cast', ['x'], 'index', { to: 7 }),
      node('Reshape', ['index', 'flat'], 'indices'),
      node('GatherElements', ['table', 'indices'], 'found', { axis: 0 }),
      node('Reshape', ['found', 'back']),
    ],
    constants: { flat: i64([-1]), table: fractions([256]), back: i64([3, 50]) },
  }),
  vectorGraph('Gather', 'rows of a table, and columns', {
    shape: [2, 9],
    nodes: [
      node('Cast', ['x'], 'index', { to: 7 }),
      node('Gather', ['rows', 'index'], 'y', { axis: 0 }),
      node('Gather', ['x', 'columns'], 'z', { axis: 1 }),
    ],
    constants: { rows: fractions([256, 3]), columns: i64([8, 0, 3, 3]) },
    outputs: ['y', 'z'],
  }),
  vectorGraph('Reshape', 'with an axis left open', {
    shape: [4, 6, 5],
    nodes: [node('Reshape', ['x', 'to'])],
    constants: { to: i64([2, -1, 3]) },
  }),
  vectorGraph('Transpose', 'bytes and float32, four axes', {
    shape: [2, 3, 5, 7],
    nodes: [
      node('Transpose', ['x'], 'y', { perm: [0, 2, 1, 3] }),
      FLOAT,
      node('Transpose', ['float'], 'z', { perm: [3, 0, 2, 1] }),
    ],
    outputs: ['y', 'z'],
  }),
  vectorGraph('Split', 'unequal parts', {
    shape: [3, 10, 4],
    nodes: [node('Split', ['x', 'sizes'], ['y', 'z', 'w'], { axis: 1 })],
    constants: { sizes: i64([1, 7, 2]) },
    outputs: ['y', 'z', 'w'],
  }),
  vectorGraph('Slice', 'with steps, backwards and from the end', {
    shape: [9, 20],
    nodes: [
      node('Slice', ['x', 'from', 'to', 'axes', 'steps'], 'y'),
      node('Slice', ['x', 'fromEnd', 'toEnd', 'axes', 'ones'], 'z'),
    ],
    constants: {
      ...{ from: i64([8, 1]), to: i64([-100, 19]), axes: i64([0, 1]), steps: i64([-2, 3]) },
      ...{ fromEnd: i64([-4, -7]), toEnd: i64([-1, 100]), ones: i64([1, 1]) },
    },
    outputs: ['y', 'z'],
  }),
  vectorGraph('Concat', 'along the middle, with weights', {
    shape: [2, 3, 4],
    nodes: [node('Concat', ['x', 'w', 'x'], 'y', { axis: 1 })],
    constants: { w: u8([2, 2, 4]) },
  }),
  vectorGraph('Expand', 'by a new axis and one of one', {
    shape: [3, 1, 5],
    nodes: [node('Expand', ['x', 'to'])],
    constants: { to: i64([2, 3, 4, 5]) },
  }),
  vectorGraph('Squeeze', 'and back', {
    shape: [1, 6, 1, 3],
    nodes: [node('Squeeze', ['x', 'axis'], 'y'), node('Squeeze', ['x'], 'z')],
    constants: { axis: i64([2]) },
    outputs: ['y', 'z'],
  }),
  vectorGraph('Unsqueeze', 'two axes', {
    shape: [6, 3],
    nodes: [node('Unsqueeze', ['x', 'axes'])],
    constants: { axes: i64([0, 3]) },
  }),
  vectorGraph('Identity', 'of bytes', { shape: [37], nodes: [node('Identity', ['x'])] }),
  vectorGraph('Pad', 'bytes with a number, float32 with zero', {
    shape: [3, 5],
    nodes: [
      node('Pad', ['x', 'margins', 'fill'], 'y'),
      FLOAT,
      node('Mul', ['float', 'scale'], 'scaled'),
      node('Pad', ['scaled', 'margins'], 'z'),
    ],
    constants: { margins: i64([1, 0, 2, 3]), fill: scalar('UINT8', 9), scale: f32([5], [0.1, -1.7, 3]) },
    outputs: ['y', 'z'],
  }),
  vectorGraph('MaxPool', 'overlapping windows with pads', {
    shape: [1, 3, 8, 9],
    nodes: [node('MaxPool', ['x'], 'y', { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] })],
  }),
  vectorGraph('MaxPool', 'one axis', {
    shape: [2, 2, 15],
    nodes: [node('MaxPool', ['x'], 'y', { kernel_shape: [3], strides: [3] })],
  }),
];
