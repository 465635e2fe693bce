import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TensorSpec } from '@openimo/domain';
import { compileModel } from '../model/compile-model.js';
import { execute, outputOf } from '../model/execute.js';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import { importOnnx } from '../onnx/import-onnx.js';
import type { PlainGraph } from '../onnx/plain-graph.js';
import { tensorOf, type Tensor } from '../tensor/tensor.js';
import { calibrate, normal, runFloat, trainDigits } from '../testing/float-models.js';
import { buildGraph, type NodeParts } from '../onnx/build-graph.js';
import { openSession } from '../testing/onnxruntime.js';
import { Random } from '../testing/random.js';
import { compareOutputs, type FidelityReport } from './fidelity.js';
import type { Observation } from './observation.js';
import { lowerFloatModel, RECIPES, type InputEncoding } from './lower-float-model.js';

type Feed = Readonly<Record<string, Float32Array | BigInt64Array>>;

interface Experiment {
  readonly graph: PlainGraph;
  readonly output: TensorSpec;
  readonly encodings?: Readonly<Record<string, InputEncoding>>;
  /** The same examples as numbers for the float model and as bytes for the lowered one. */
  readonly calibration: readonly Feed[];
  readonly heldBack: readonly { readonly feed: Feed; readonly bytes: Uint8Array }[];
}

/** Lowers the model, holds the result against onnxruntime, and compares it with the float original. */
async function lowerAndCompare({
  graph,
  output,
  encodings = {},
  calibration,
  heldBack,
}: Experiment): Promise<FidelityReport> {
  const file = encodeOnnx(graph, { outputs: [output] });
  const original = importOnnx(file, { floatInputs: true });
  const lowered = lowerFloatModel({ graph: original, observations: await calibrate(original, calibration), encodings });
  const compiled = compileModel(lowered);
  const run = await openSession(lowered, 'all');
  const answers: Float32Array[] = [];
  for (const { bytes } of heldBack) {
    const ours = outputOf(compiled, execute(compiled, bytes));
    const theirs = (await run(compiled.inputs, bytes)).get(output.name)!;
    expect(Buffer.from(ours)).toEqual(Buffer.from(theirs));
    answers.push(new Float32Array(ours.slice().buffer));
  }
  const floats = await runFloat(
    graph,
    output,
    heldBack.map(({ feed }) => feed),
  );
  return compareOutputs(floats, answers, output.shape.at(-1)!);
}

const image = (bytes: Uint8Array, scale: number) => Float32Array.from(bytes, (byte) => byte * scale);

describe('a classifier trained on digits', () => {
  it('keeps its answers on images that neither training nor calibration saw', async () => {
    const file = readFileSync(fileURLToPath(new URL('../../../models/digits/heldback.bin', import.meta.url)));
    const records = Array.from({ length: 360 }, (_, at) => file.subarray(at * 65, (at + 1) * 65));
    const examples = records.map((record) => ({ label: record[0]!, bytes: Uint8Array.from(record.subarray(1)) }));
    const [seen, unseen] = [examples.slice(0, 200), examples.slice(200)];
    const feedOf = (bytes: Uint8Array) => ({ x: image(bytes, 1 / 16) });
    const graph = trainDigits(
      new Random(1),
      seen.map(({ bytes }) => feedOf(bytes).x),
      seen.map(({ label }) => label),
    );

    const report = await lowerAndCompare({
      graph,
      output: { name: 'y', datatype: 'FP32', shape: [1, 10] },
      encodings: { x: { scale: 1 / 16, zeroPoint: 0 } },
      calibration: seen.map(({ bytes }) => feedOf(bytes)),
      heldBack: unseen.map(({ bytes }) => ({ feed: feedOf(bytes), bytes })),
    });

    expect(report.examples).toBe(160);
    expect(report.top1Agreement).toBeGreaterThanOrEqual(0.995);
    expect(report.meanCosine).toBeGreaterThan(0.999);
  });
});

describe('a transformer', () => {
  it('stays near its float original: attention, LayerNorm, GELU, residual stream', async () => {
    const random = new Random(2);
    const [tokens, width, vocabulary] = [12, 32, 40];
    const weights: Record<string, Tensor> = { embedding: normal(random, [vocabulary, width], 1) };
    const nodes: NodeParts[] = [{ operator: 'Gather', inputs: ['embedding', 'x'], outputs: ['stream0'] }];
    const weight = (name: string, dims: number[], deviation = dims[0]! ** -0.5) => {
      weights[name] = normal(random, dims, deviation);
      return name;
    };
    const add = (operator: string, inputs: string[], output: string, attributes: NodeParts['attributes'] = {}) => {
      nodes.push({ operator, inputs, outputs: [output], attributes, name: output });
      return output;
    };
    const norm = (value: string, name: string) => {
      weights[`${name}.g`] = tensorOf(
        'FP32',
        [width],
        Array.from({ length: width }, () => Math.fround(0.8 + random.next() * 0.4)),
      );
      weights[`${name}.b`] = normal(random, [width], 0.1);
      return add('LayerNormalization', [value, `${name}.g`, `${name}.b`], name, { axis: -1 });
    };
    weights['root'] = tensorOf('FP32', [], [Math.sqrt(width)]);
    for (const layer of [0, 1]) {
      const at = (name: string) => `${name}${layer}`;
      const n = norm(at('stream'), at('norm'));
      const [q, k, v] = ['q', 'k', 'v'].map((name) =>
        add('MatMul', [n, weight(at(`w${name}`), [width, width])], at(name)),
      );
      const scores = add('MatMul', [q!, add('Transpose', [k!], at('kt'), { perm: [1, 0] })], at('scores'));
      const attention = add('Softmax', [add('Div', [scores, 'root'], at('scaled'))], at('attention'), { axis: -1 });
      const mixed = add(
        'MatMul',
        [add('MatMul', [attention, v!], at('mix')), weight(at('wo'), [width, width])],
        at('out'),
      );
      const middle = norm(add('Add', [at('stream'), mixed], at('middle')), at('norm2_'));
      const up = add('MatMul', [middle, weight(at('up'), [width, 4 * width])], at('upper'));
      const active = add('Gelu', [up], at('gelu'));
      const down = add('MatMul', [active, weight(at('down'), [4 * width, width])], at('lower'));
      add('Add', [at('middle'), down], `stream${layer + 1}`);
    }
    add('MatMul', [norm('stream2', 'final'), weight('head', [width, vocabulary])], 'y');
    const graph = buildGraph({
      opset: 20,
      inputs: [{ name: 'x', datatype: 'INT64', shape: [tokens] }],
      nodes,
      initializers: weights,
    });
    const feed = () => ({ x: BigInt64Array.from({ length: tokens }, () => BigInt(random.integer(0, vocabulary - 1))) });
    const heldBack = Array.from({ length: 20 }, feed).map((one) => ({
      feed: one,
      bytes: new Uint8Array(one.x.buffer),
    }));

    const report = await lowerAndCompare({
      graph,
      output: { name: 'y', datatype: 'FP32', shape: [tokens, vocabulary] },
      calibration: Array.from({ length: 40 }, feed),
      heldBack,
    });

    // Random weights, whose scores lie closer together than those of a trained model.
    expect(report.meanCosine).toBeGreaterThan(0.995);
    expect(report.top1Agreement).toBeGreaterThan(0.9);
  });
});

describe('a convolutional network', () => {
  it('stays near its float original: Conv, BatchNormalization, SiLU, pooling, mean', async () => {
    const random = new Random(3);
    const graph = buildGraph({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 16, 16] }],
      nodes: [
        {
          operator: 'Conv',
          inputs: ['x', 'w1', 'b1'],
          outputs: ['c1'],
          attributes: { pads: [1, 1, 1, 1], kernel_shape: [3, 3] },
        },
        { operator: 'BatchNormalization', inputs: ['c1', 'gain', 'shift', 'mean', 'variance'], outputs: ['n1'] },
        { operator: 'Sigmoid', inputs: ['n1'], outputs: ['s1'] },
        { operator: 'Mul', inputs: ['n1', 's1'], outputs: ['a1'] },
        { operator: 'MaxPool', inputs: ['a1'], outputs: ['p1'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
        { operator: 'Conv', inputs: ['p1', 'w2'], outputs: ['c2'], attributes: { group: 2, strides: [2, 2] } },
        { operator: 'Tanh', inputs: ['c2'], outputs: ['t2'] },
        { operator: 'GlobalAveragePool', inputs: ['t2'], outputs: ['g'] },
        { operator: 'Flatten', inputs: ['g'], outputs: ['f'] },
        { operator: 'Gemm', inputs: ['f', 'w3', 'b3'], outputs: ['z'], attributes: { transB: 1 } },
        { operator: 'Softmax', inputs: ['z'], attributes: { axis: 1 } },
      ],
      initializers: {
        w1: normal(random, [8, 3, 3, 3], 0.3),
        b1: normal(random, [8], 0.1),
        gain: normal(random, [8], 1),
        shift: normal(random, [8], 0.3),
        mean: normal(random, [8], 0.2),
        variance: tensorOf('FP32', [8], [1, 0.5, 2, 1, 1.5, 0.7, 1, 1]),
        w2: normal(random, [12, 4, 3, 3], 0.3),
        w3: normal(random, [10, 12], 3),
        b3: normal(random, [10], 0.1),
      },
    });
    const example = () => {
      const bytes = random.bytes(3 * 16 * 16);
      return { feed: { x: image(bytes, 1 / 255) }, bytes };
    };

    const report = await lowerAndCompare({
      graph,
      output: { name: 'y', datatype: 'FP32', shape: [1, 10] },
      encodings: { x: { scale: 1 / 255, zeroPoint: 0 } },
      calibration: Array.from({ length: 40 }, () => example().feed),
      heldBack: Array.from({ length: 40 }, example),
    });

    expect(report.meanCosine).toBeGreaterThan(0.999);
    expect(report.top1Agreement).toBeGreaterThanOrEqual(0.95);
  });
});

describe('attention in heads', () => {
  it('is one product for queries, keys and values, and stays near its float original', async () => {
    const random = new Random(4);
    const [rows, width, heads] = [10, 16, 2];
    const weights: Record<string, Tensor> = {
      cut: tensorOf('INT64', [3], [rows, heads, width / heads]),
      root: tensorOf('FP32', [], [(width / heads) ** -0.5]),
      mask: tensorOf(
        'FP32',
        [rows, rows],
        Array.from({ length: rows ** 2 }, (_, at) => (at % rows > Math.floor(at / rows) ? -1e9 : 0)),
      ),
      bias: normal(random, [width], 2),
    };
    const nodes: NodeParts[] = [];
    const add = (operator: string, inputs: string[], output: string, attributes: NodeParts['attributes'] = {}) => {
      nodes.push({ operator, inputs, outputs: [output], attributes, name: output });
      return output;
    };
    // Queries with a bias, values ten times as large as keys: each keeps its own scale and zero point.
    const head = (name: string, deviation: number, perm: number[]) => {
      weights[name] = normal(random, [width, width], deviation);
      const product = add('MatMul', ['x', name], `${name}_product`);
      const biased = name === 'q' ? add('Add', [product, 'bias'], 'q_biased') : product;
      return add('Transpose', [add('Reshape', [biased, 'cut'], `${name}_cut`)], `${name}_heads`, { perm });
    };
    const [q, k, v] = [head('q', 0.3, [1, 0, 2]), head('k', 0.3, [1, 2, 0]), head('v', 3, [1, 0, 2])];
    const scores = add('Mul', [add('MatMul', [q, k], 'scores'), 'root'], 'scaled');
    const attention = add('Softmax', [add('Add', [scores, 'mask'], 'masked')], 'attention', { axis: -1 });
    add('MatMul', [attention, v], 'y');
    const graph = buildGraph({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [rows, width] }],
      nodes,
      initializers: weights,
    });
    const encodings = { x: { scale: 1 / 64, zeroPoint: 128 } };
    const example = () => {
      const bytes = random.bytes(rows * width);
      return { bytes, feed: { x: Float32Array.from(bytes, (byte) => (byte - 128) / 64) } };
    };
    const calibration = Array.from({ length: 40 }, () => example().feed);

    const report = await lowerAndCompare({
      graph,
      output: { name: 'y', datatype: 'FP32', shape: [heads, rows, width / heads] },
      encodings,
      calibration,
      heldBack: Array.from({ length: 20 }, example),
    });

    expect(report.meanCosine).toBeGreaterThan(0.999);
    const lowered = lowerFloatModel({ graph, observations: await calibrate(graph, calibration), encodings });
    const operators = importOnnx(lowered).nodes.map(({ operator }) => operator);
    expect(operators.filter((operator) => operator === 'com.microsoft.QGemm')).toHaveLength(1);
  });
});

describe('rows of a residual stream', () => {
  it.each([128, 300, 512])('are normalised by their root mean square alone, also %d numbers long', async (width) => {
    const random = new Random(width);
    const graph = buildGraph({
      inputs: [{ name: 'x', datatype: 'INT64', shape: [3] }],
      nodes: [
        { operator: 'Gather', inputs: ['table', 'x'], outputs: ['stream'] },
        {
          operator: 'LayerNormalization',
          inputs: ['stream', 'gain', 'bias'],
          outputs: ['n'],
          attributes: { axis: -1 },
        },
        { operator: 'MatMul', inputs: ['n', 'w'] },
      ],
      initializers: {
        table: normal(random, [9, width], 2),
        gain: normal(random, [width], 1),
        bias: normal(random, [width], 1),
        w: normal(random, [width, 12], width ** -0.5),
      },
    });
    const feed = () => ({ x: BigInt64Array.from({ length: 3 }, () => BigInt(random.integer(0, 8))) });
    const calibration = Array.from({ length: 20 }, feed);

    const report = await lowerAndCompare({
      graph,
      output: { name: 'y', datatype: 'FP32', shape: [3, 12] },
      calibration,
      heldBack: Array.from({ length: 10 }, feed).map((one) => ({ feed: one, bytes: new Uint8Array(one.x.buffer) })),
    });

    expect(report.meanCosine).toBeGreaterThan(0.999);
    const lowered = lowerFloatModel({ graph, observations: await calibrate(graph, calibration), encodings: {} });
    const operators = importOnnx(lowered).nodes.map(({ operator }) => operator);
    expect(operators).toContain('ReduceSumSquare');
    expect(operators).not.toContain('ReduceSum');
  });
});

describe('a value that is only read in 8 bits', () => {
  const observed = (dims: number[], lo: number, hi: number): Observation => {
    const each = (bound: number) => new Array<number>(dims.at(-1)!).fill(bound);
    return { dims, lo, hi, channels: { lo: each(lo), hi: each(hi) }, rowMean: Math.max(-lo, hi) };
  };

  it('leaves the product in 8 bits, its Relu with it, and nothing of FP32 remains', () => {
    const graph = buildGraph({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2] }],
      nodes: [
        { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['h'], name: 'first' },
        { operator: 'Relu', inputs: ['h'], outputs: ['r'] },
        { operator: 'MatMul', inputs: ['r', 'w'], name: 'second' },
      ],
      initializers: { w: tensorOf('FP32', [2, 2], [1, -1, 0.5, 2]) },
    });
    const observations = new Map([
      ['h', observed([1, 2], -4, 4)],
      ['r', observed([1, 2], 0, 4)],
    ]);

    const lowered = importOnnx(
      lowerFloatModel({ graph, observations, encodings: { x: { scale: 1 / 64, zeroPoint: 128 } } }),
    );

    const qGemm = 'com.microsoft.QGemm';
    expect(lowered.nodes.map(({ operator }) => operator)).toEqual([qGemm, qGemm]);
  });
});

describe('what cannot be lowered', () => {
  const lower = (graph: PlainGraph, observations = new Map<string, Observation>()) =>
    lowerFloatModel({ graph, observations, encodings: { x: { scale: 1, zeroPoint: 0 } } });
  const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 4] }] as const;

  it('is refused by node, with the recipes that there are', () => {
    const graph = buildGraph({ inputs, nodes: [{ operator: 'Einsum', inputs: ['x'], name: 'odd' }] });

    expect(() => lower(graph)).toThrow(/Node "odd" \(Einsum\) has no recipe\. There are recipes for .*MatMul/);
    expect(Object.keys(RECIPES)).toContain('LayerNormalization');
  });

  it('is refused without calibration of what needs it', () => {
    const graph = buildGraph({
      inputs,
      nodes: [
        { operator: 'Floor', inputs: ['x'], outputs: ['r'] },
        { operator: 'Tanh', inputs: ['r'], name: 'bend' },
      ],
    });

    expect(() => lower(graph)).toThrow(/Node "bend" \(Tanh\) needs to know what "r" ranges over/);
  });

  it('is refused when nobody says how bytes encode an input', () => {
    const graph = buildGraph({ inputs, nodes: [{ operator: 'Relu', inputs: ['x'] }] });

    expect(() => lowerFloatModel({ graph, observations: new Map(), encodings: {} })).toThrow(/Say how bytes encode it/);
  });
});

describe('compareOutputs', () => {
  it('counts agreement, angles and the class that suffers most', () => {
    const report = compareOutputs(
      [
        [0, 1, 1, 0],
        [3, 4],
      ],
      [
        [0, 2, 0, 1],
        [4, 3],
      ],
      2,
    );

    expect(report).toEqual({
      examples: 2,
      top1Agreement: 1 / 3,
      meanCosine: (1 + 0 + 24 / 25) / 3,
      worstCosine: 0,
      largestError: 1,
      worstClass: { label: 0, agreement: 0 },
    });
  });
});
