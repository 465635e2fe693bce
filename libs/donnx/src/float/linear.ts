import type { PlainNode } from '../onnx/plain-graph.js';
import type { Tensor } from '../tensor/tensor.js';
import type { FloatLowering, Recipe } from './float-lowering.js';
import { biasInUnits, columnsOf, numbersOf, quantiseWeights, sumOf } from './columns.js';
import { fuseHeads } from './heads.js';
import { isCountable, isWeighing } from './normalise.js';

const CONV_WEIGHT_MAX = 127;
const CONV_ZERO_POINT = 128;

/**
 * INT32 sums plus bias, back to real numbers: the bias in the sums' unit first, then one multiplication per element. Where
 * the result, or a Relu of it, is only needed in 8 bits, the sums go there by one division instead.
 *
 * @param units what one of the sums is worth, for all or per position of axis 1
 */
function rescale(
  lowering: FloatLowering,
  sums: string,
  units: readonly number[],
  bias: readonly number[] | undefined,
  dims: readonly number[],
  output: string,
): void {
  const inUnits = bias && biasInUnits(bias, units);
  const biased = inUnits ? lowering.emit('Add', [sums, lowering.constant('INT32', dims, inUnits)]) : sums;
  const float = lowering.cast(biased, 'FP32');
  const wanted = lowering.absorbRelu(output) ?? (lowering.isWantedIn8Bits(output) ? output : undefined);
  if (wanted === undefined) {
    lowering.emit('Mul', [float, lowering.constant('FP32', dims, units.map(Math.fround))], {}, output);
    return;
  }
  const encoding = lowering.encodingOf(wanted);
  const shape = units.length === 1 ? [] : [units.length];
  const scales = lowering.constant(
    'FP32',
    shape,
    units.map((unit) => Math.fround(encoding.scale / unit)),
  );
  const zeroPoints = lowering.constant(
    'UINT8',
    shape,
    units.map(() => encoding.zeroPoint),
  );
  const name = lowering.emit('QuantizeLinear', [float, scales, zeroPoints], units.length === 1 ? {} : { axis: 1 });
  lowering.remember(wanted, { ...encoding, name });
}

/**
 * x · W + b with W [K, N] of the file: s7 weights with a scale per column, in one QGemm. Where the result, or a Relu of it,
 * is only needed in 8 bits it leaves QGemm in 8 bits.
 */
function linear(
  lowering: FloatLowering,
  x: string,
  weight: Tensor,
  bias: readonly number[] | undefined,
  output: string,
): void {
  if (weight.dims.length !== 2)
    lowering.refuse('ShapeMismatch', 'multiplies by weights that are no matrix. Reshape them to two axes.');
  const [k, n] = weight.dims as [number, number];
  const { integers, scales, offsets } = columnsOf(lowering, x, weight);
  const added = lowering.absorb(output, ['Add'], ({ dims, data }) => data.length === n && dims.at(-1) === n);
  const total = sumOf([bias, offsets, added && numbersOf(added.weight)]);
  const result = added ? (added.node.outputs[0] as string) : output;
  const input = lowering.quantise(x);
  const units = scales.map((scale) => input.scale * scale);
  const sums = total && biasInUnits(total, units);
  const dims = lowering.dims(x);
  const flat = dims.length === 2;
  const rows = flat ? input.name : lowering.emit('Reshape', [input.name, lowering.shape([-1, k])]);
  const wanted = lowering.absorbRelu(result) ?? (lowering.isWantedIn8Bits(result) ? result : undefined);
  const in8Bits = wanted === undefined ? undefined : lowering.encodingOf(wanted);
  const inputs = [
    rows,
    lowering.float(input.scale),
    lowering.zeroPoint(input),
    lowering.constant('INT8', [k, n], integers),
    lowering.constant('FP32', [n], scales),
    lowering.constant(
      'INT8',
      [n],
      scales.map(() => 0),
    ),
    sums ? lowering.constant('INT32', [n], sums) : '',
    ...(in8Bits ? [lowering.float(in8Bits.scale), lowering.zeroPoint(in8Bits)] : []),
  ];
  const product = lowering.emit('com.microsoft.QGemm', inputs, {}, flat && !in8Bits ? result : undefined);
  const shape = [...dims.slice(0, -1), n];
  const shaped = flat
    ? product
    : lowering.emit('Reshape', [product, lowering.shape(shape)], {}, in8Bits ? undefined : result);
  if (wanted !== undefined && in8Bits) lowering.remember(wanted, { ...in8Bits, name: shaped });
}

const matMul: Recipe = (lowering, { inputs: [a = '', b = ''], outputs: [output = ''] }) => {
  const weight = lowering.weight(b);
  if (weight) {
    if (!fuseHeads(lowering, a)) linear(lowering, a, weight, undefined, output);
    return;
  }
  const weighted = lowering.weighted.get(a);
  const y = lowering.quantise(b);
  if (weighted) {
    // The mean of y under softmax weights: an exact sum, divided once.
    const sums = lowering.emit('MatMulInteger', [
      weighted.weights,
      y.name,
      lowering.zeroPoint({ zeroPoint: 0 }),
      lowering.zeroPoint(y),
    ]);
    const sum = lowering.cast(sums, 'FP32');
    if (lowering.isWantedIn8Bits(output)) {
      const mean = lowering.emit('Div', [sum, weighted.total]);
      lowering.remember(output, lowering.quantiseAs(mean, lowering.encodingOf(output), y.scale));
      return;
    }
    lowering.emit('Div', [lowering.times(sum, y.scale), weighted.total], {}, output);
    return;
  }
  // Two activations, as in attention: both UINT8.
  const x = lowering.quantise(a);
  const operands = [x.name, y.name, lowering.zeroPoint(x), lowering.zeroPoint(y)];
  // A factor after it, such as attention's 1 / √d, goes into the scale.
  const after = lowering.absorb(output, ['Mul', 'Div'], ({ data }) => data.length === 1);
  const factor = after ? Number(after.weight.data[0]) : 1;
  const unit = x.scale * y.scale * (after?.node.operator === 'Div' ? 1 / factor : factor);
  const result = after ? (after.node.outputs[0] as string) : output;
  if (areScores(lowering, result) && isCountable(unit)) {
    lowering.emit('MatMulInteger', operands, {}, result);
    lowering.units.set(result, unit);
    return;
  }
  rescale(lowering, lowering.emit('MatMulInteger', operands), [unit], undefined, [], result);
};

/** Whether a value goes through a softmax that only weighs, perhaps masked before, and nowhere else. */
function areScores(lowering: FloatLowering, value: string): boolean {
  const [node, ...others] = lowering.consumersOf(value);
  const [output = ''] = node?.outputs ?? [];
  if (others.length > 0 || node === undefined) return false;
  if (node.operator === 'Softmax') return isWeighing(lowering, output);
  const isMasked = node.operator === 'Add' && node.inputs.some((name) => lowering.weight(name));
  return isMasked && areScores(lowering, output);
}

const gemm: Recipe = (lowering, node) => {
  const [a = '', b = '', c = ''] = node.inputs;
  const weight = lowering.weight(b) ?? lowering.refuse('NotConstant', 'multiplies by computed weights. Use MatMul.');
  if (node.attributes.get('transA'))
    lowering.refuse('AttributeNotAllowed', 'transposes its input. Transpose it before.');
  const [alpha, beta] = ['alpha', 'beta'].map((name) => Number(node.attributes.get(name) ?? 1)) as [number, number];
  const scaled = node.attributes.get('transB') ? transpose(weight) : weight;
  const values = numbersOf(scaled).map((value) => value * alpha);
  const bias = biasOf(lowering, c, scaled.dims[1] as number)?.map((value) => value * beta);
  linear(lowering, a, { ...scaled, data: Float32Array.from(values) }, bias, node.outputs[0] as string);
};

function transpose({ dims, data, datatype }: Tensor): Tensor {
  const [rows, columns] = dims as [number, number];
  const source = data as Float32Array;
  const transposed = Float32Array.from(
    source,
    (_, at) => source[(at % rows) * columns + Math.floor(at / rows)] as number,
  );
  return { datatype, dims: [columns, rows], data: transposed };
}

function biasOf(lowering: FloatLowering, name: string, channels: number): number[] | undefined {
  if (name === '') return undefined;
  const tensor = lowering.weight(name) ?? lowering.refuse('NotConstant', 'adds a computed bias. Use Add.');
  const values = numbersOf(tensor);
  return values.length === 1 ? new Array<number>(channels).fill(values[0] as number) : values;
}

/** UINT8 weights around 128 with a scale per filter: ConvInteger for INT8 is missing in older builds. */
const conv: Recipe = (lowering, node) => {
  const [x = '', w = '', b = ''] = node.inputs;
  const weight = lowering.weight(w) ?? lowering.refuse('NotConstant', 'convolves with computed weights.');
  const [filters] = weight.dims as [number];
  const each = weight.data.length / filters;
  const { integers, scales } = quantiseWeights(numbersOf(weight), filters, CONV_WEIGHT_MAX, (at) =>
    Math.floor(at / each),
  );
  const input = lowering.quantise(x);
  const weights = lowering.constant(
    'UINT8',
    weight.dims,
    integers.map((value) => value + CONV_ZERO_POINT),
  );
  const inputs = [input.name, weights, lowering.zeroPoint(input), lowering.zeroPoint({ zeroPoint: CONV_ZERO_POINT })];
  const sums = lowering.emit('ConvInteger', inputs, Object.fromEntries(node.attributes));
  const dims = [1, filters, ...weight.dims.slice(2).map(() => 1)];
  const units = scales.map((scale) => input.scale * scale);
  rescale(lowering, sums, units, biasOf(lowering, b, filters), dims, outputOf(node));
};

function outputOf({ outputs }: PlainNode): string {
  return outputs[0] as string;
}

export const LINEAR: Readonly<Record<string, Recipe>> = { MatMul: matMul, Gemm: gemm, Conv: conv };
