import type { TensorDatatype } from '@openimo/domain';
import type { Attribute } from '../onnx/plain-graph.js';
import { DATATYPE_CODES, productOf } from '../tensor/tensor.js';
import type { Candidate, GraphMaker, KnownValue } from './random-graph.js';
import type { Random } from './random.js';

type MakeCandidate = (maker: GraphMaker, random: Random) => Candidate | undefined;

const s7 = (random: Random) => () => random.integer(-64, 63);
const u8 = (random: Random) => () => random.integer(0, 255);
const scale = (random: Random) => () => Math.fround(random.next() * 2 ** random.integer(-14, 1) + 2 ** -20);
const float = (random: Random) => () =>
  Math.fround(
    random.pick([random.integer(-9, 9), random.next() * 4 - 2, (random.next() - 0.5) * 2 ** random.integer(-20, 14)]),
  );

function weights(maker: GraphMaker, random: Random, dims: readonly number[], unsigned: boolean) {
  const datatype: TensorDatatype = unsigned ? 'UINT8' : 'INT8';
  return { name: maker.constant(datatype, dims, unsigned ? u8(random) : s7(random)), datatype };
}

function zeroPoint(maker: GraphMaker, random: Random, datatype: TensorDatatype): string {
  return maker.constant(datatype, [], () => (datatype === 'INT8' ? random.integer(-128, 127) : random.integer(0, 255)));
}

const eightBits = (maker: GraphMaker, fits?: (value: KnownValue) => boolean) => maker.value(['UINT8', 'INT8'], fits);

/** Sometimes another value as the right-hand side, mostly weights. */
function rightHandSide(maker: GraphMaker, random: Random, a: KnownValue) {
  const unsigned = a.datatype === 'UINT8' && random.chance(0.4);
  const k = a.dims.at(-1) as number;
  const other = maker.value(['UINT8', 'INT8'], ({ dims }) => dims.length >= 2 && dims.at(-2) === k);
  if (other && random.chance(0.4)) return { name: other.name, datatype: other.datatype };
  const batch = random.chance(0.3) ? a.dims.slice(0, -2) : [];
  return weights(maker, random, [...batch, k, random.integer(1, 6)], unsigned);
}

const matMulInteger: MakeCandidate = (maker, random) => {
  const a = eightBits(maker, ({ dims }) => dims.length >= 2);
  if (!a) return undefined;
  const b = rightHandSide(maker, random, a);
  const points = random.integer(0, 2);
  const za = points > 0 ? [zeroPoint(maker, random, a.datatype)] : [];
  const zb = points > 1 ? [zeroPoint(maker, random, b.datatype)] : [];
  return { operator: 'MatMulInteger', inputs: [a.name, b.name, ...za, ...zb] };
};

const qLinearMatMul: MakeCandidate = (maker, random) => {
  const a = eightBits(maker, ({ dims }) => dims.length >= 2);
  if (!a) return undefined;
  const columns = random.integer(1, 6);
  const b = weights(maker, random, [a.dims.at(-1) as number, columns], a.datatype === 'UINT8' && random.chance(0.4));
  const perColumn = random.chance(0.4) ? [columns] : [];
  const to: TensorDatatype = a.datatype;
  return {
    operator: 'QLinearMatMul',
    inputs: [
      a.name,
      maker.constant('FP32', [], scale(random)),
      zeroPoint(maker, random, a.datatype),
      b.name,
      maker.constant('FP32', perColumn, scale(random)),
      maker.constant(b.datatype, perColumn, () => 0),
      maker.constant('FP32', [], () => random.integer(1, 40)),
      zeroPoint(maker, random, to),
    ],
  };
};

const qGemm: MakeCandidate = (maker, random) => {
  const a = eightBits(maker, ({ dims }) => dims.length === 2);
  if (!a) return undefined;
  const transA = random.chance(0.3) ? 1 : 0;
  const transB = random.chance(0.5) ? 1 : 0;
  const k = a.dims[1 - transA] as number;
  const n = random.integer(1, 5);
  const b = weights(maker, random, transB ? [n, k] : [k, n], a.datatype === 'UINT8' && random.chance(0.4));
  const perColumn = random.chance(0.4) ? [n] : [];
  const bias = random.chance(0.6) ? maker.constant('INT32', [n], () => random.integer(-5000, 5000)) : '';
  const quantised = random.chance(0.6)
    ? [maker.constant('FP32', [], () => random.integer(1, 40)), zeroPoint(maker, random, a.datatype)]
    : [];
  return {
    operator: 'com.microsoft.QGemm',
    inputs: [
      a.name,
      maker.constant('FP32', [], scale(random)),
      zeroPoint(maker, random, a.datatype),
      b.name,
      maker.constant('FP32', perColumn, scale(random)),
      maker.constant(b.datatype, perColumn, () => 0),
      bias,
      ...quantised,
    ],
    attributes: { transA, transB },
  };
};

function convolution(maker: GraphMaker, random: Random, x: KnownValue, unsigned: boolean) {
  const channels = x.dims[1] as number;
  const spatial = x.dims.slice(2);
  const group = random.pick([1, 1, channels]);
  const filters = group * random.integer(1, 2);
  const kernel = spatial.map((size) => random.integer(1, Math.min(3, size)));
  const w = weights(maker, random, [filters, channels / group, ...kernel], unsigned);
  const attributes = {
    group,
    kernel_shape: kernel,
    strides: spatial.map(() => random.integer(1, 2)),
    dilations: spatial.map(() => random.integer(1, 2)),
    pads: [...spatial, ...spatial].map(() => random.integer(0, 2)),
  };
  return { w, filters, attributes };
}

const image = ({ dims }: KnownValue) => dims.length === 3 || dims.length === 4;

const convInteger: MakeCandidate = (maker, random) => {
  const x = maker.value(['UINT8'], image);
  if (!x) return undefined;
  const { w, attributes } = convolution(maker, random, x, true);
  const points = random.integer(0, 2);
  const zx = points > 0 ? [zeroPoint(maker, random, 'UINT8')] : [];
  const zw = points > 1 ? [zeroPoint(maker, random, 'UINT8')] : [];
  return { operator: 'ConvInteger', inputs: [x.name, w.name, ...zx, ...zw], attributes };
};

const qLinearConv: MakeCandidate = (maker, random) => {
  const x = eightBits(maker, image);
  if (!x) return undefined;
  const { w, filters, attributes } = convolution(maker, random, x, x.datatype === 'UINT8' && random.chance(0.4));
  const perChannel = random.chance(0.4) ? [filters] : [];
  const bias = random.chance(0.5) ? [maker.constant('INT32', [filters], () => random.integer(-5000, 5000))] : [];
  return {
    operator: 'QLinearConv',
    inputs: [
      x.name,
      maker.constant('FP32', [], scale(random)),
      zeroPoint(maker, random, x.datatype),
      w.name,
      maker.constant('FP32', perChannel, scale(random)),
      maker.constant(w.datatype, perChannel, () => (w.datatype === 'UINT8' ? 128 : 0)),
      maker.constant('FP32', [], () => random.integer(1, 40)),
      zeroPoint(maker, random, x.datatype),
      ...bias,
    ],
    attributes,
  };
};

const quantizeLinear: MakeCandidate = (maker, random) => {
  const value = maker.value(['FP32']);
  if (!value) return undefined;
  const to = random.pick(['UINT8', 'INT8'] as const);
  const axis = random.integer(0, Math.max(0, value.dims.length - 1));
  const perAxis = value.dims.length > 0 && random.chance(0.3) ? [value.dims[axis] as number] : [];
  const zero = random.integer(0, 100);
  return {
    operator: 'QuantizeLinear',
    inputs: [value.name, maker.constant('FP32', perAxis, scale(random)), maker.constant(to, perAxis, () => zero)],
    ...(perAxis.length > 0 ? { attributes: { axis } } : {}),
  };
};

const dequantizeLinear: MakeCandidate = (maker, random) => {
  const value = maker.value(['UINT8', 'INT8']);
  if (!value) return undefined;
  const zero = random.integer(0, 100);
  return {
    operator: 'DequantizeLinear',
    inputs: [value.name, maker.constant('FP32', [], scale(random)), maker.constant(value.datatype, [], () => zero)],
  };
};

const cast: MakeCandidate = (maker, random) => {
  const value = maker.value(['UINT8', 'INT8', 'INT32', 'INT64', 'FP32', 'BOOL']);
  const to = random.pick(['FP32', 'FP32', 'INT32', 'INT64', 'UINT8', 'INT8', 'BOOL'] as const);
  return value && { operator: 'Cast', inputs: [value.name], attributes: { to: DATATYPE_CODES[to] } };
};

function binary(operator: string): MakeCandidate {
  const ordered = operator === 'Min' || operator === 'Max';
  return (maker, random) => {
    const a = maker.value(ordered ? ['FP32', 'INT32', 'INT64'] : ['FP32', 'INT32']);
    if (!a) return undefined;
    const b = maker.value([a.datatype]) as KnownValue;
    const dims = maker.broadcastable(a.dims);
    const element = a.datatype === 'FP32' ? float(random) : () => random.integer(-300, 300) || 1;
    const other = random.chance(0.4) ? b.name : maker.constant(a.datatype, dims, element);
    return { operator, inputs: random.chance(0.7) ? [a.name, other] : [other, a.name] };
  };
}

function unary(operator: string): MakeCandidate {
  return (maker) => {
    const value = maker.value(['FP32']);
    return value && { operator, inputs: [value.name] };
  };
}

const clip: MakeCandidate = (maker, random) => {
  const value = maker.value(['FP32', 'INT32', 'INT64', 'UINT8', 'INT8']);
  if (!value) return undefined;
  const least = value.datatype === 'UINT8' ? random.integer(0, 20) : -random.integer(0, 60);
  const bounds = [least, least + random.integer(1, 100)];
  const [lo, hi] = bounds.map((bound) => (random.chance(0.9) ? maker.constant(value.datatype, [], () => bound) : ''));
  return { operator: 'Clip', inputs: [value.name, lo as string, hi as string] };
};

const where: MakeCandidate = (maker, random) => {
  const value = maker.value(['FP32', 'INT32', 'INT64', 'UINT8']);
  if (!value) return undefined;
  const known = maker.value(['BOOL'], ({ dims }) => String(dims) === String(value.dims));
  const condition = known?.name ?? maker.constant('BOOL', maker.broadcastable(value.dims), () => random.integer(0, 1));
  const other = maker.constant(value.datatype, maker.broadcastable(value.dims), () => random.integer(0, 100));
  return {
    operator: 'Where',
    inputs: random.chance(0.5) ? [condition, value.name, other] : [condition, other, value.name],
  };
};

function reduction(operator: string, datatypes: readonly TensorDatatype[]): MakeCandidate {
  return (maker, random) => {
    const value = maker.value(datatypes, ({ dims }) => dims.length > 0);
    if (!value) return undefined;
    const all = value.dims.map((_, axis) => axis);
    const axes = random.shuffled(all).slice(0, random.integer(1, all.length));
    const given = random.chance(0.3) ? axes.map((axis) => axis - all.length) : axes;
    const asInput = operator === 'ReduceSum' || maker.opset >= 18;
    const keepdims = random.integer(0, 1);
    const inputs = asInput ? [value.name, maker.integers(given)] : [value.name];
    const attributes: Record<string, Attribute> = asInput ? { keepdims } : { keepdims, axes: given };
    return { operator, inputs, attributes };
  };
}

const argMax: MakeCandidate = (maker, random) => {
  const value = maker.value(['FP32', 'INT32', 'UINT8', 'INT8'], ({ dims }) => dims.length > 0);
  if (!value) return undefined;
  const axis = random.integer(-value.dims.length, value.dims.length - 1);
  return { operator: 'ArgMax', inputs: [value.name], attributes: { axis, keepdims: random.integer(0, 1) } };
};

const gather: MakeCandidate = (maker, random) => {
  const indices = maker.value(['INT32', 'INT64'], ({ dims }) => dims.length < 4);
  const table = maker.value(['FP32', 'INT32', 'UINT8'], ({ dims }) => dims.length > 0 && dims.length < 3);
  if (random.chance(0.5) && table) {
    const axis = random.integer(0, table.dims.length - 1);
    const some = Array.from({ length: random.integer(1, 5) }, () =>
      random.integer(0, (table.dims[axis] as number) - 1),
    );
    return { operator: 'Gather', inputs: [table.name, maker.integers(some)], attributes: { axis } };
  }
  if (!indices) return undefined;
  const rows = maker.constant('FP32', [260, random.integer(1, 3)], float(random));
  return { operator: 'Gather', inputs: [rows, indices.name], attributes: { axis: 0 } };
};

const gatherElements: MakeCandidate = (maker, random) => {
  const indices = maker.value(['INT32', 'INT64'], ({ dims }) => dims.length > 0 && dims.length < 4);
  if (!indices) return undefined;
  const axis = random.integer(0, indices.dims.length - 1);
  const table = maker.constant('FP32', indices.dims.with(axis, 300), float(random));
  return { operator: 'GatherElements', inputs: [table, indices.name], attributes: { axis } };
};

const ANY: readonly TensorDatatype[] = ['UINT8', 'INT8', 'INT32', 'INT64', 'FP32', 'BOOL'];
const anyValue = (maker: GraphMaker, least = 0) => maker.value(ANY, ({ dims }) => dims.length >= least);

const reshape: MakeCandidate = (maker, random) => {
  const value = anyValue(maker, 1);
  if (!value) return undefined;
  const total = productOf(value.dims);
  const divisors = Array.from({ length: total }, (_, at) => at + 1).filter((size) => total % size === 0);
  const first = random.pick(divisors);
  return {
    operator: 'Reshape',
    inputs: [
      value.name,
      maker.integers(random.pick([[first, -1], [total], [1, first, total / first], [-1, 1, 1, first]])),
    ],
  };
};

const transpose: MakeCandidate = (maker, random) => {
  const value = anyValue(maker, 2);
  return (
    value && {
      operator: 'Transpose',
      inputs: [value.name],
      attributes: { perm: random.shuffled(value.dims.map((_, axis) => axis)) },
    }
  );
};

const split: MakeCandidate = (maker, random) => {
  const value = anyValue(maker, 1);
  if (!value) return undefined;
  const axis = random.integer(0, value.dims.length - 1);
  const dim = value.dims[axis] as number;
  const first = random.integer(1, dim);
  if (dim < 2 || first === dim) return undefined;
  return {
    operator: 'Split',
    inputs: [value.name, maker.integers([first, dim - first])],
    outputs: 2,
    attributes: { axis },
  };
};

const slice: MakeCandidate = (maker, random) => {
  const value = anyValue(maker, 1);
  if (!value) return undefined;
  const axis = random.integer(0, value.dims.length - 1);
  const dim = value.dims[axis] as number;
  const numbers = [
    random.integer(-dim - 1, dim),
    random.integer(-dim - 1, 2 * dim),
    axis,
    random.pick([1, 1, 2, -1, -2]),
  ];
  return { operator: 'Slice', inputs: [value.name, ...numbers.map((number) => maker.integers([number]))] };
};

const concat: MakeCandidate = (maker, random) => {
  const value = anyValue(maker, 1);
  if (!value) return undefined;
  const axis = random.integer(0, value.dims.length - 1);
  const same = maker.known.filter(
    ({ dims, datatype }) =>
      datatype === value.datatype &&
      dims.length === value.dims.length &&
      String(dims.with(axis, 0)) === String(value.dims.with(axis, 0)),
  );
  const parts = Array.from({ length: random.integer(1, 3) }, () => random.pick(same).name);
  return { operator: 'Concat', inputs: [value.name, ...parts], attributes: { axis } };
};

const expand: MakeCandidate = (maker, random) => {
  const value = anyValue(maker, 1);
  const shape = value?.dims.map((dim) => (dim === 1 ? random.integer(1, 3) : dim));
  return (
    value && { operator: 'Expand', inputs: [value.name, maker.integers(random.chance(0.5) ? [2, ...shape!] : shape!)] }
  );
};

const squeeze: MakeCandidate = (maker, random) => {
  const value = maker.value(ANY, ({ dims }) => dims.includes(1));
  if (!value) return undefined;
  const axes = value.dims.map((_, axis) => axis).filter((axis) => value.dims[axis] === 1);
  return {
    operator: 'Squeeze',
    inputs: random.chance(0.5) ? [value.name] : [value.name, maker.integers([random.pick(axes)])],
  };
};

const unsqueeze: MakeCandidate = (maker, random) => {
  const value = anyValue(maker);
  return (
    value && { operator: 'Unsqueeze', inputs: [value.name, maker.integers([random.integer(0, value.dims.length)])] }
  );
};

const identity: MakeCandidate = (maker) => {
  const value = anyValue(maker);
  return value && { operator: 'Identity', inputs: [value.name] };
};

const pad: MakeCandidate = (maker, random) => {
  const value = anyValue(maker, 1);
  if (!value) return undefined;
  const pads = [...value.dims, ...value.dims].map(() => random.pick([0, 0, 1, 2]));
  const fill =
    random.chance(0.5) && value.datatype !== 'BOOL'
      ? [maker.constant(value.datatype, [], () => random.integer(0, 9))]
      : [];
  return { operator: 'Pad', inputs: [value.name, maker.integers(pads), ...fill] };
};

const maxPool: MakeCandidate = (maker, random) => {
  const value = maker.value(['UINT8'], image);
  if (!value) return undefined;
  const spatial = value.dims.slice(2);
  const kernel = spatial.map((size) => random.integer(1, Math.min(3, size)));
  const attributes = {
    kernel_shape: kernel,
    strides: spatial.map(() => random.integer(1, 2)),
    dilations: spatial.map(() => random.pick([1, 1, 2])),
    pads: [...kernel, ...kernel].map((size) => random.integer(0, size - 1)),
  };
  return { operator: 'MaxPool', inputs: [value.name], attributes };
};

export const CANDIDATES: Readonly<Record<string, MakeCandidate>> = {
  MatMulInteger: matMulInteger,
  ConvInteger: convInteger,
  QLinearMatMul: qLinearMatMul,
  QLinearConv: qLinearConv,
  'com.microsoft.QGemm': qGemm,
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  Cast: cast,
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: binary('Div'),
  Min: binary('Min'),
  Max: binary('Max'),
  Round: unary('Round'),
  Floor: unary('Floor'),
  Ceil: unary('Ceil'),
  Relu: unary('Relu'),
  Clip: clip,
  Where: where,
  ReduceSum: reduction('ReduceSum', ['INT32', 'FP32']),
  ReduceSumSquare: reduction('ReduceSumSquare', ['INT32']),
  ReduceMax: reduction('ReduceMax', ['INT32', 'FP32']),
  ArgMax: argMax,
  Gather: gather,
  GatherElements: gatherElements,
  Reshape: reshape,
  Transpose: transpose,
  Split: split,
  Slice: slice,
  Concat: concat,
  Expand: expand,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Identity: identity,
  Pad: pad,
  MaxPool: maxPool,
};
