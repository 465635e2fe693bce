import { buildModel, buildNode, buildTensor, buildValue, INT64, UINT8 } from './onnx-builder.js';

/**
 * A legal model whose work depends on its input: with n = x + base it fills an n × n matrix with ones, multiplies it
 * with itself and answers the largest element, which is n. That takes n³ steps and 5 · n² bytes: nothing in the file
 * tells before it runs.
 */
export function growingModel(base: number): Uint8Array {
  const one = buildTensor('', UINT8, [1], { rawData: Uint8Array.of(1) });
  return buildModel({
    input: [buildValue('x', INT64, [1])],
    output: [buildValue('y', INT64, [1])],
    initializer: [buildTensor('base', INT64, [1], { int64Data: [String(base)] })],
    node: [
      buildNode('Constant', [], ['one'], { attribute: [{ name: 'value_ints', type: 7, ints: ['1'] }] }),
      buildNode('Add', ['x', 'base'], ['n']),
      buildNode('Concat', ['n', 'n'], ['shape'], { attribute: [{ name: 'axis', type: 2, i: 0 }] }),
      buildNode('ConstantOfShape', ['shape'], ['ones'], { attribute: [{ name: 'value', t: one, type: 4 }] }),
      buildNode('MatMulInteger', ['ones', 'ones'], ['product']),
      buildNode('ReduceMax', ['product'], ['most'], { attribute: [{ name: 'keepdims', type: 2, i: 0 }] }),
      buildNode('Cast', ['most'], ['most64'], { attribute: [{ name: 'to', type: 2, i: INT64 }] }),
      buildNode('Reshape', ['most64', 'one'], ['y']),
    ],
  });
}

/** The input bytes for x. */
export function growingInput(x: number): Uint8Array {
  return new Uint8Array(BigInt64Array.of(BigInt(x)).buffer);
}

/**
 * A model of the bit-exact profile that onnxruntime runs in a second, and the specification, which its root needs to be computed,
 * in minutes: matrix products of 0.3 billion steps each, over one matrix of zeros.
 *
 * @param name makes the file another one
 */
export function slowToProfileModel(products: number, name: string): Uint8Array {
  const [rows, width] = [256, 1_024];
  const names = ['x', ...Array.from({ length: products }, (_, i) => `bytes${i}`)];
  return buildModel({
    input: [buildValue('x', UINT8, [rows, width])],
    output: [buildValue('y', UINT8, [1, width])],
    initializer: [
      buildTensor('zeros', UINT8, [width, width], { rawData: new Uint8Array(width * width) }),
      buildTensor('first', INT64, [1], { int64Data: ['0'] }),
    ],
    node: [
      ...names
        .slice(1)
        .flatMap((bytes, i) => [
          buildNode('MatMulInteger', [names[i]!, 'zeros'], [`sums${i}`]),
          buildNode('Cast', [`sums${i}`], [bytes], { attribute: [{ name: 'to', type: 2, i: UINT8 }] }),
        ]),
      buildNode('Gather', [names.at(-1)!, 'first'], ['y'], { name, attribute: [{ name: 'axis', type: 2, i: 0 }] }),
    ],
  });
}
