import { compileModel, DATATYPE_CODES, tensorOf } from '@openimo/donnx';
import { buildGraph, Random } from '@openimo/donnx/testing';

const WIDTH = 512;
const ROWS = 64;
/** As many steps and constants as a transformer of six layers has, so that paths are as long. */
const FILLERS = 400;

/**
 * Every operator of the profile that makes steps, once, at the size of a language model of a million parameters: activations of
 * 64 × 512, weights of 512 × 512, 2^9 steps, 2^9 constants. A node's name is the operator's, with what sets it apart.
 */
export function oneOfEach() {
  const random = new Random(20);
  const initializers = {};
  const constant = (datatype, dims, element) => {
    const name = `c${Object.keys(initializers).length}`;
    const count = dims.reduce((product, dim) => product * dim, 1);
    initializers[name] = tensorOf(
      datatype,
      dims,
      Array.from({ length: count }, (_, at) => element(at)),
    );
    return name;
  };
  const s7 = (...dims) => constant('INT8', dims, () => random.integer(-64, 63));
  const u8 = (...dims) => constant('UINT8', dims, () => random.integer(0, 255));
  const floats = (...dims) => constant('FP32', dims, () => Math.fround(random.next() * 3 + 0.01));
  const scalar = (datatype, value) => constant(datatype, [], () => value);
  const list = (...values) => constant('INT64', [values.length], (at) => values[at]);
  const nodes = [];
  const node = (name, inputs, attributes = {}) => {
    nodes.push({ name, operator: name.split(' ')[0], inputs, outputs: [name], attributes });
    return name;
  };
  const cast = (name, value, datatype) => node(`Cast ${name}`, [value], { to: DATATYPE_CODES[datatype] });
  const [tiny, one, zero] = [Math.fround(0.001), scalar('FP32', 1), scalar('UINT8', 3)];
  const scale = scalar('FP32', tiny);

  const product = node('MatMulInteger', ['x', s7(WIDTH, WIDTH), zero]);
  const long = node('Reshape long', ['x', list(ROWS / 2, 2 * WIDTH)]);
  node('MatMulInteger K=1024', [long, s7(2 * WIDTH, 256), zero]);
  node('QLinearMatMul', ['x', scale, zero, s7(WIDTH, WIDTH), scale, scalar('INT8', 0), one, zero]);
  const bias = constant('INT32', [WIDTH], () => random.integer(-5_000, 5_000));
  const gemm = [s7(WIDTH, WIDTH), scale, scalar('INT8', 0), bias, one, zero];
  node('com.microsoft.QGemm', ['x', scale, zero, ...gemm], { transB: 1 });

  const image = node('Reshape image', ['x', list(1, 32, 32, 32)]);
  const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  node('ConvInteger', [image, u8(32, 32, 3, 3), zero, scalar('UINT8', 128)], window);
  node('QLinearConv', [image, scale, zero, s7(32, 32, 3, 3), scale, scalar('INT8', 0), one, zero], window);
  node('MaxPool', [image], { kernel_shape: [3, 3], strides: [2, 2] });

  node('DequantizeLinear', ['x', scale, zero]);
  const integers = cast('to INT32', 'x', 'INT32');
  const whole = cast('to FP32', integers, 'FP32');
  const float = node('Mul', [whole, floats(WIDTH)]);
  node('QuantizeLinear', [float, scale, zero]);
  cast('to INT64', float, 'INT64');
  for (const operator of ['Add', 'Sub', 'Mul', 'Div']) {
    if (operator !== 'Mul') node(operator, [float, floats(WIDTH)]);
    node(`${operator} INT32`, [integers, constant('INT32', [ROWS, WIDTH], () => random.integer(1, 99))]);
  }
  for (const operator of ['Min', 'Max']) node(operator, [float, floats(ROWS, WIDTH)]);
  for (const operator of ['Round', 'Floor', 'Ceil', 'Relu']) node(operator, [float]);
  node('Clip', [float, scalar('FP32', tiny), one]);
  const condition = cast('to BOOL', 'x', 'BOOL');
  node('Where', [condition, float, floats(ROWS, WIDTH)]);

  node('ReduceSum INT32', [product, list(1)]);
  node('ReduceSum FP32', [whole, list(1)]);
  node('ReduceSumSquare', [integers], { axes: [1] });
  node('ReduceMax', [float], { axes: [1] });
  node('ArgMax', [float], { axis: 1 });
  const indices = cast('indices', 'x', 'INT64');
  node('Gather', [floats(256, 64), node('Reshape indices', [indices, list(8, 64, 64)])], { axis: 0 });
  node('GatherElements', [floats(256), node('Reshape row', [indices, list(ROWS * WIDTH)])], { axis: 0 });

  node('Concat', [float, floats(ROWS, WIDTH)], { axis: 1 });
  node('Pad', [float, list(1, 1, 1, 1)]);
  const turned = node('Transpose', [float], { perm: [1, 0] });

  let sum = constant('INT32', [1], () => 1);
  sum = node('Add filler', [node('Slice', [integers, list(0), list(1), list(1)]), sum]);
  for (let at = 0; at < FILLERS; at++) {
    const more = constant('INT32', [1], () => at % 50);
    sum = node(`Min filler ${at}`, [sum, more]);
  }
  const inputs = [{ name: 'x', datatype: 'UINT8', shape: [ROWS, WIDTH] }];
  return compileModel(buildGraph({ opset: 17, inputs, nodes, initializers, outputs: [sum, turned] }));
}
