import fc from 'fast-check';
import { compileModel } from '../model/compile-model.js';
import { execute, outputOf } from '../model/execute.js';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import { DATATYPE_CODES, tensorOf } from '../tensor/tensor.js';
import { buildGraph } from '../onnx/build-graph.js';
import { openSession } from '../testing/onnxruntime.js';
import { Random } from '../testing/random.js';

const FP32 = DATATYPE_CODES.FP32;

/** Rows of bytes, each divided by its own greatest byte times a constant. */
function rowsByTheirMaximum(random: Random) {
  const [rows, width] = [random.integer(1, 9), random.integer(1, 40)];
  const to = random.pick(['UINT8', 'INT8'] as const);
  const zero = to === 'INT8' ? random.integer(-128, 127) : random.integer(0, 255);
  const keepdims = random.pick([0, 1]);
  const graph = buildGraph({
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [rows, width] }],
    nodes: [
      { operator: 'Cast', inputs: ['x'], outputs: ['f'], attributes: { to: FP32 } },
      { operator: 'ReduceMax', inputs: ['f'], outputs: ['most'], attributes: { axes: [1], keepdims } },
      { operator: 'Reshape', inputs: ['most', 'rows'], outputs: ['flat'] },
      { operator: 'Max', inputs: ['flat', 'one'], outputs: ['positive'] },
      { operator: 'Mul', inputs: ['positive', 'unit'], outputs: ['scale'] },
      { operator: 'QuantizeLinear', inputs: ['f', 'scale', 'zero'], attributes: { axis: 0 } },
    ],
    initializers: {
      rows: tensorOf('INT64', [1], [rows]),
      one: tensorOf('FP32', [], [1]),
      unit: tensorOf('FP32', [], [Math.fround(random.next() / 50 + 2 ** -12)]),
      zero: tensorOf(to, [rows], new Array<number>(rows).fill(zero)),
    },
  });
  return { graph, to, rows, width, input: random.bytes(rows * width) };
}

describe('QuantizeLinear with a scale that is computed', () => {
  it('means in onnxruntime, optimised or not, what it means here', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { graph, to, rows, width, input } = rowsByTheirMaximum(new Random(seed));
        const file = encodeOnnx(graph, { outputs: [{ name: 'y', datatype: to, shape: [rows, width] }] });
        const compiled = compileModel(file);

        const ours = outputOf(compiled, execute(compiled, input));

        for (const level of ['disabled', 'extended', 'all'] as const) {
          const theirs = (await (await openSession(file, level))(compiled.inputs, input)).get('y')!;
          expect(Buffer.from(theirs)).toEqual(Buffer.from(ours));
        }
      }),
      { numRuns: 60, seed: 20 },
    );
  });

  it('is refused where the scale may be zero', () => {
    const graph = buildGraph({
      nodes: [
        { operator: 'Cast', inputs: ['x'], outputs: ['f'], attributes: { to: FP32 } },
        { operator: 'ReduceMax', inputs: ['f'], outputs: ['most'], attributes: { axes: [1], keepdims: 0 } },
        { operator: 'QuantizeLinear', inputs: ['f', 'most', 'zero'], name: 'down' },
      ],
      initializers: { zero: tensorOf('UINT8', [], [0]) },
    });

    expect(() => compileModel(graph)).toThrow(/Node "down" \(QuantizeLinear\) has a scale of 0\. Scales are positive/);
  });
});
