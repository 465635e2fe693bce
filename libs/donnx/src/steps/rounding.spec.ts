import { compileModel } from '../model/compile-model.js';
import { execute, outputOf } from '../model/execute.js';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import type { PlainGraph } from '../onnx/plain-graph.js';
import { tensorOf } from '../tensor/tensor.js';
import { buildGraph } from '../onnx/build-graph.js';
import { openSession } from '../testing/onnxruntime.js';
import { Random } from '../testing/random.js';
import { roundHalfEven } from './numbers.js';

const f32 = (values: readonly number[]) => tensorOf('FP32', values.length === 1 ? [] : [values.length], values);

/** What we and onnxruntime make of `input`; the two must agree. */
async function answerOf(graph: PlainGraph, input: Uint8Array): Promise<Uint8Array> {
  const compiled = compileModel(graph);
  const ours = outputOf(compiled, execute(compiled, input));
  const run = await openSession(encodeOnnx(graph, { outputs: compiled.outputs }), 'all');
  const [theirs] = (await run(compiled.inputs, input)).values();
  expect(Buffer.from(ours)).toEqual(Buffer.from(theirs!));
  return ours;
}

const castX = { operator: 'Cast', inputs: ['x'], outputs: ['f'], attributes: { to: 1 } };
const every = Uint8Array.from({ length: 256 }, (_, at) => at);
const inputs = [{ name: 'x', datatype: 'UINT8', shape: [256] }] as const;

/** Requantises the sums 255 · w1 + w2 of each column by f32(f32(sa · sb) / sy). */
async function requantised(sums: readonly number[], sb: readonly number[], sa = 1, sy = 1): Promise<Uint8Array> {
  const weights = [...sums.map((sum) => Math.floor(sum / 255)), ...sums.map((sum) => sum % 255)];
  const graph = buildGraph({
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [1, 2] }],
    nodes: [{ operator: 'QLinearMatMul', inputs: ['x', 'sa', 'zero', 'w', 'sb', 'zeros', 'sy', 'zero'] }],
    initializers: {
      sa: f32([sa]),
      sb: tensorOf('FP32', [sb.length], sb),
      sy: f32([sy]),
      zero: tensorOf('UINT8', [], [0]),
      zeros: tensorOf(
        'UINT8',
        [sb.length],
        sb.map(() => 0),
      ),
      w: tensorOf('UINT8', [2, sums.length], weights),
    },
  });
  return answerOf(graph, Uint8Array.of(255, 1));
}

describe('halves round to even, in onnxruntime as here', () => {
  it('in Round', async () => {
    const graph = buildGraph({
      inputs,
      nodes: [
        castX,
        { operator: 'Sub', inputs: ['f', 'c'], outputs: ['s'] },
        { operator: 'Mul', inputs: ['s', 'half'], outputs: ['h'] },
        { operator: 'Round', inputs: ['h'] },
      ],
      initializers: { half: f32([0.5]), c: f32([128]) },
    });

    const answer = await answerOf(graph, every);

    const rounded = new Float32Array(answer.buffer, answer.byteOffset, 256);
    expect([...rounded.subarray(123, 134)]).toEqual([-2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2]);
  });

  it('in QuantizeLinear', async () => {
    const graph = buildGraph({
      inputs,
      nodes: [castX, { operator: 'QuantizeLinear', inputs: ['f', 'two', 'zero'] }],
      initializers: { two: f32([2]), zero: tensorOf('UINT8', [], [7]) },
    });

    const answer = await answerOf(graph, every);

    expect([...answer.subarray(0, 8)]).toEqual([7, 7, 8, 9, 9, 9, 10, 11]);
  });

  it('in the QLinear formula', async () => {
    const answer = await requantised([1, 3, 5, 7, 9], [0.5, 0.5, 0.5, 0.5, 0.5]);

    expect([...answer]).toEqual([0, 2, 2, 4, 4]);
  });
});

describe('the QLinear formula rounds to float32 where it says', () => {
  it('after the multiplication: products that only become halves by rounding', async () => {
    const random = new Random(1);
    const sums: number[] = [];
    const multipliers: number[] = [];
    while (sums.length < 100) {
      const [sum, near] = [random.integer(1000, 16_000), random.integer(20, 250) + 0.5];
      const multiplier = Math.fround(near / sum);
      if (Math.fround(sum * multiplier) !== near || roundHalfEven(sum * multiplier) === roundHalfEven(near)) continue;
      sums.push(sum);
      multipliers.push(multiplier);
    }

    const answer = await requantised(sums, multipliers);

    expect([...answer]).toEqual(sums.map((sum, at) => roundHalfEven(Math.fround(sum * multipliers[at]!))));
  });

  it('after the product of the scales, and after their quotient', async () => {
    const random = new Random(2);
    const [sa, sy] = [Math.fround(0.0173), Math.fround(0.37)];
    const sums: number[] = [];
    const scales: number[] = [];
    const rounded = (sum: number, multiplier: number) => roundHalfEven(Math.fround(sum * multiplier));
    while (sums.length < 8) {
      const sb = Math.fround(0.1 + random.next() * 0.2);
      const combined = Math.fround(Math.fround(sa * sb) / sy);
      // What comes of rounding once too seldom: first not the product, then not the quotient.
      const other = sums.length % 2 === 0 ? Math.fround((sa * sb) / sy) : Math.fround(sa * sb) / sy;
      for (let sum = 1; other !== combined && sum < 16_000; sum++) {
        if (rounded(sum, combined) === rounded(sum, other)) continue;
        sums.push(sum);
        scales.push(sb);
        break;
      }
    }

    const answer = await requantised(sums, scales, sa, sy);

    const expected = sums.map((sum, at) =>
      Math.min(255, roundHalfEven(Math.fround(sum * Math.fround(Math.fround(sa * scales[at]!) / sy)))),
    );
    expect([...answer]).toEqual(expected);
  });
});

describe('integers beyond 2^24', () => {
  it('are rounded to float32 before the QLinear formula multiplies', async () => {
    const zero = tensorOf('UINT8', [], [0]);
    const graph = buildGraph({
      inputs: [{ name: 'x', datatype: 'UINT8', shape: [1, 2] }],
      nodes: [{ operator: 'com.microsoft.QGemm', inputs: ['x', 'one', 'z', 'w', 'm', 'z', 'bias', 'one', 'z'] }],
      initializers: {
        one: f32([1]),
        m: f32([100.5 * 2 ** -24]),
        z: zero,
        w: tensorOf('UINT8', [2, 1], [0, 0]),
        bias: tensorOf('INT32', [1], [2 ** 24 + 1]),
      },
    });

    // 2^24 + 1 becomes 2^24, so exactly 100.5, which goes to the even side.
    expect([...(await answerOf(graph, Uint8Array.of(1, 2)))]).toEqual([100]);
  });

  it('round once on their way to FP32, INT64 too', async () => {
    // Halfway between two floats, and a little above: rounding to double first would lose the little.
    const values = [
      2n ** 24n + 1n,
      2n ** 24n + 3n,
      2n ** 60n + 2n ** 36n + 1n,
      2n ** 60n + 2n ** 36n,
      -(2n ** 62n) - 2n ** 38n - 1n,
    ];
    const graph = buildGraph({
      inputs: [{ name: 'x', datatype: 'INT64', shape: [values.length] }],
      nodes: [{ operator: 'Cast', inputs: ['x'], attributes: { to: 1 } }],
    });

    const answer = await answerOf(graph, new Uint8Array(BigInt64Array.from(values).buffer));

    const floats = new Float32Array(answer.buffer, answer.byteOffset, values.length);
    expect([...floats]).toEqual([2 ** 24, 2 ** 24 + 4, 2 ** 60 + 2 ** 37, 2 ** 60, -(2 ** 62) - 2 ** 39]);
  });
});
