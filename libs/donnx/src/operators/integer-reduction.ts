import { broadcastDims, broadcastTo, permute, restride, type Value } from '../lowering/value.js';
import { Opcode } from '../steps/step.js';
import type { Tensor } from '../tensor/tensor.js';
import type { NodeInLowering, Operator } from './operator.js';
import { WINDOW_ATTRIBUTES, windowsOf } from './window.js';

const EIGHT_BITS = ['UINT8', 'INT8'] as const;

/** Σ over the last axis of `a` and the second last of `b`, less their zero points, as INT32. */
function matMul(node: NodeInLowering, a: Value, b: Value, zeroPoints: readonly [number, number]): Value {
  checkOperands(node, a, b);
  if (a.dims.length < 2 || b.dims.length < 2)
    node.refuse('ShapeMismatch', 'multiplies vectors. Give both two axes or more.');
  const [m, length] = a.dims.slice(-2) as [number, number];
  const [k, n] = b.dims.slice(-2) as [number, number];
  if (length !== k) node.refuse('ShapeMismatch', `multiplies [${a.dims.join(', ')}] by [${b.dims.join(', ')}].`);
  const batch =
    broadcastDims([a.dims.slice(0, -2), b.dims.slice(0, -2)]) ??
    node.refuse('ShapeMismatch', `multiplies [${a.dims.join(', ')}] by [${b.dims.join(', ')}].`);
  // Both operands with their contiguous axis last; the second is committed transposed where it was not.
  const rows = node.builder.contiguous(a, a.dims.length - 1);
  const swapped = b.dims
    .map((_, axis) => axis)
    .with(-1, b.dims.length - 2)
    .with(-2, b.dims.length - 1);
  const columns = node.builder.contiguous(permute(b, swapped), b.dims.length - 1);
  const left = broadcastTo(rows, [...batch, m, k]);
  const right = broadcastTo(columns, [...batch, n, k]);
  const dims = [...batch, m, n];
  const at = batch.length;
  const outer = [
    restride(left, [...dims, k], [...left.strides.slice(0, at + 1), 0, left.strides[at + 1] as number]),
    restride(right, [...dims, k], [...right.strides.slice(0, at), 0, ...right.strides.slice(at)]),
  ];
  return node.builder.reduce(Opcode.Dot, 'INT32', dims, outer, k, zeroPoints);
}

function checkOperands(node: NodeInLowering, a: Value, b: Value): void {
  node.requireDatatype(a, EIGHT_BITS, 'Quantise it to 8 bits.');
  node.requireDatatype(b, EIGHT_BITS, 'Quantise it to 8 bits.');
  if (a.datatype === 'INT8' && b.datatype === 'UINT8') {
    node.refuse('DatatypeNotAllowed', 'multiplies INT8 by UINT8. Make the first operand UINT8, or both INT8.');
  }
}

/** Windows of [N, C, spatial…] times weights [M, C / group, kernel…], as INT32 [N, M, out…]. */
function convolve(node: NodeInLowering, x: Value, w: Value, [zx, zw]: readonly [number, number]): Value {
  checkOperands(node, x, w);
  const group = node.integer('group', 1);
  const [n, channels] = x.dims as [number, number];
  const [m, perGroup, ...kernel] = w.dims as [number, number, ...number[]];
  if (w.dims.length !== x.dims.length || channels !== perGroup * group || m % group !== 0) {
    node.refuse('ShapeMismatch', `convolves [${x.dims.join(', ')}] with [${w.dims.join(', ')}] in ${group} groups.`);
  }
  const { view, out } = windowsOf(node, x, kernel, zx);
  // [N, G, C/G, out…, kernel…] to [N, G, out…, C/G, kernel…]: one contiguous row per window and group.
  const [batch, channel, ...rest] = view.strides as [number, number, ...number[]];
  const spatial = rest.slice(0, out.length);
  const inside = rest.slice(out.length);
  const rows = node.builder.copy(
    restride(
      view,
      [n, group, ...out, perGroup, ...kernel],
      [batch, channel * perGroup, ...spatial, channel, ...inside],
    ),
  );
  const k = [perGroup, ...kernel].reduce((product, size) => product * size, 1);
  const weights = node.builder.contiguous(w, 1);
  const [perFilter] = weights.strides as [number];
  const filters = m / group;
  const dims = [n, group, filters, ...out];
  const rowStrides = rows.strides.slice(0, 2 + out.length);
  const left = restride(rows, dims, [...rowStrides.slice(0, 2), 0, ...rowStrides.slice(2)]);
  const right = restride(weights, dims, [0, filters * perFilter, perFilter, ...out.map(() => 0)]);
  const sums = node.builder.reduce(Opcode.Dot, 'INT32', dims, [left, right], k, [zx, zw]);
  return node.builder.reshape(sums, [n, m, ...out]);
}

/** f32(f32(sa · sb) / sy), per channel of the weights; without sy, f32(sa · sb). */
function multiplier(node: NodeInLowering, a: number, b: number, y: number | undefined, channels: number): Value {
  const [sa, sb] = [node.constant(a), node.constant(b)];
  const sy = y === undefined ? undefined : node.constant(y);
  const scales = [sa, sb, ...(sy ? [sy] : [])];
  for (const scale of scales) node.requireDatatype(scale, ['FP32'], 'Store scales as FLOAT.');
  if (sa.data.length !== 1 || (sy && sy.data.length !== 1) || ![1, channels].includes(sb.data.length)) {
    node.refuse(
      'ShapeMismatch',
      'needs one scale for its input and output, and one or one per channel for its weights.',
    );
  }
  const values = Array.from(sb.data as ArrayLike<number>, (scale) => {
    const product = Math.fround(Number(sa.data[0]) * scale);
    return sy ? Math.fround(product / Number(sy.data[0])) : product;
  });
  return node.builder.derived('multiplier', 'FP32', values.length === 1 ? [] : [values.length], values);
}

function requantize(node: NodeInLowering, sums: Value, scale: Value, zeroPoint: number, position: number): Value {
  const to = node.optional(position)?.datatype ?? 'UINT8';
  node.requireDatatype({ datatype: to }, EIGHT_BITS, 'Quantise to 8 bits.');
  return node.builder.elementwise(Opcode.Requantize, to, sums.dims, [sums, scale], [zeroPoint, 0, 0]);
}

/** A vector along axis 1 of `rank` axes; a scalar stays one. */
function alongChannels({ builder }: NodeInLowering, vector: Value, rank: number): Value {
  if (vector.dims.length === 0) return vector;
  return builder.reshape(vector, [vector.dims[0] as number, ...new Array<number>(rank - 2).fill(1)]);
}

const matMulInteger: Operator = {
  inputs: [2, 4],
  attributes: [],
  lower(node) {
    return [matMul(node, node.input(0), node.input(1), [node.uniform(2, 'zero point'), node.uniform(3, 'zero point')])];
  },
};

const convInteger: Operator = {
  inputs: [2, 4],
  attributes: [...WINDOW_ATTRIBUTES, 'group'],
  lower(node) {
    const [x, w] = [node.input(0), node.input(1)];
    for (const value of [x, w]) {
      node.requireDatatype(
        value,
        ['UINT8'],
        'Older builds of onnxruntime lack it for INT8: use UINT8 with a zero point, or QLinearConv.',
      );
    }
    return [convolve(node, x, w, [node.uniform(2, 'zero point'), node.uniform(3, 'zero point')])];
  },
};

const qLinearMatMul: Operator = {
  inputs: [8, 8],
  attributes: [],
  lower(node) {
    const [a, b] = [node.input(0), node.input(3)];
    const sums = matMul(node, a, b, [node.uniform(2, 'zero point'), node.uniform(5, 'zero point')]);
    const scale = multiplier(node, 1, 4, 6, b.dims.at(-1) as number);
    return [requantize(node, sums, scale, node.uniform(7, 'zero point'), 7)];
  },
};

const qLinearConv: Operator = {
  inputs: [8, 9],
  attributes: [...WINDOW_ATTRIBUTES, 'group'],
  lower(node) {
    const [x, w] = [node.input(0), node.input(3)];
    const sums = convolve(node, x, w, [node.uniform(2, 'zero point'), node.uniform(5, 'zero point')]);
    const rank = sums.dims.length;
    const scale = alongChannels(node, multiplier(node, 1, 4, 6, w.dims[0] as number), rank);
    const bias = biasOf(node, 8, w.dims[0] as number);
    const biased = bias ? addBias(node, sums, alongChannels(node, bias, rank)) : sums;
    return [requantize(node, biased, scale, node.uniform(7, 'zero point'), 7)];
  },
};

/** com.microsoft.QGemm version 1: A, sa, za, B, sb, zb, C, sy, zy. Without sy its result is FP32. */
const qGemm: Operator = {
  inputs: [6, 9],
  attributes: ['alpha', 'transA', 'transB'],
  lower(node) {
    node.requireAttribute('alpha', 1, 'Multiply the scale of an operand instead.');
    const transposed = (position: number, name: string) => {
      const value = node.input(position);
      if (value.dims.length !== 2) node.refuse('ShapeMismatch', 'multiplies tensors that are not matrices.');
      return node.integer(name, 0) ? permute(value, [1, 0]) : value;
    };
    const [a, b] = [transposed(0, 'transA'), transposed(3, 'transB')];
    const channels = b.dims[1] as number;
    const sums = matMul(node, a, b, [node.uniform(2, 'zero point'), node.uniform(5, 'zero point')]);
    const bias = node.optional(6);
    if (bias) node.requireDatatype(bias, ['INT32'], 'Quantise the bias to INT32.');
    if (bias && String(node.broadcast([bias, sums])) !== String(sums.dims))
      node.refuse('ShapeMismatch', 'has a bias larger than its result.');
    const biased = bias ? addBias(node, sums, bias) : sums;
    const quantised = node.optional(7) !== undefined;
    const scale = multiplier(node, 1, 4, quantised ? 7 : undefined, channels);
    if (quantised) return [requantize(node, biased, scale, node.uniform(8, 'zero point'), 8)];
    const floats = node.builder.elementwise(Opcode.Cast, 'FP32', biased.dims, [biased]);
    return [node.builder.elementwise(Opcode.Mul, 'FP32', biased.dims, [floats, scale])];
  },
};

function addBias(node: NodeInLowering, sums: Value, bias: Value): Value {
  return node.builder.elementwise(Opcode.Add, 'INT32', sums.dims, [sums, bias]);
}

function biasOf(node: NodeInLowering, position: number, channels: number): Value | undefined {
  if (node.optional(position) === undefined) return undefined;
  const tensor: Tensor = node.constant(position);
  node.requireDatatype(tensor, ['INT32'], 'Quantise the bias to INT32.');
  if (tensor.dims.length !== 1 || tensor.dims[0] !== channels) {
    node.refuse('ShapeMismatch', `has a bias of shape [${tensor.dims.join(', ')}] for ${channels} channels.`);
  }
  return node.input(position);
}

export const INTEGER_REDUCTION: Readonly<Record<string, Operator>> = {
  MatMulInteger: matMulInteger,
  ConvInteger: convInteger,
  QLinearMatMul: qLinearMatMul,
  QLinearConv: qLinearConv,
  'com.microsoft.QGemm': qGemm,
};
