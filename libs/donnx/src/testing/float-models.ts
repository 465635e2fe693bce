import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { TensorSpec } from '@openimo/domain';
import { observableModel, observe, type Observation } from '../float/observation.js';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import type { PlainGraph } from '../onnx/plain-graph.js';
import { tensorOf, type Tensor } from '../tensor/tensor.js';
import type { Random } from './random.js';

/** Real numbers with about the spread of a normal distribution. */
export function normal(random: Random, dims: readonly number[], deviation: number): Tensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const draw = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return tensorOf(
    'FP32',
    dims,
    Array.from({ length: count }, () => Math.fround(draw() * deviation)),
  );
}

type Feed = Readonly<Record<string, Float32Array | BigInt64Array | Uint8Array>>;

const ORT_TYPES: Readonly<Record<string, 'float32' | 'int64' | 'uint8'>> = {
  ...{ FP32: 'float32', INT64: 'int64', UINT8: 'uint8' },
};

/** Runs a float model in onnxruntime and returns its first output. */
export async function runFloat(graph: PlainGraph, output: TensorSpec, feeds: readonly Feed[]): Promise<Float32Array[]> {
  const session = await open(encodeOnnx(graph, { outputs: [output] }));
  const answers: Float32Array[] = [];
  for (const feed of feeds) answers.push((await session.run(tensors(graph, feed)))[output.name]!.data as Float32Array);
  return answers;
}

/** What every value of the float model ranges over on the calibration data. */
export async function calibrate(graph: PlainGraph, feeds: readonly Feed[]): Promise<Map<string, Observation>> {
  const { file } = observableModel(graph);
  const session = await open(file);
  const observations = new Map<string, Observation>();
  for (const feed of feeds) {
    const inputs = tensors(graph, feed);
    const answers = await session.run(inputs);
    for (const [name, { dims, data, type }] of Object.entries({ ...inputs, ...answers })) {
      if (type === 'float32') observe(observations, name, dims, data as Float32Array);
    }
  }
  return observations;
}

function open(file: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 4 });
}

function tensors(graph: PlainGraph, feed: Feed): Record<string, OrtTensor> {
  return Object.fromEntries(
    graph.inputs.map(({ name, datatype, shape }) => [
      name,
      new OrtTensor(ORT_TYPES[datatype] as 'float32', feed[name] as Float32Array, [...shape]),
    ]),
  );
}

/** A two-layer classifier of 8×8 images, trained by plain gradient descent. */
export function trainDigits(random: Random, images: readonly Float32Array[], labels: readonly number[]): PlainGraph {
  const [pixels, hidden, classes] = [64, 32, 10];
  const w1 = normal(random, [pixels, hidden], 0.15).data as Float32Array;
  const w2 = normal(random, [hidden, classes], 0.2).data as Float32Array;
  const [b1, b2] = [new Float32Array(hidden), new Float32Array(classes)];
  for (let epoch = 0; epoch < 60; epoch++) {
    for (const at of random.shuffled(images.map((_, index) => index))) {
      const x = images[at]!;
      const h = b1.map((bias, j) =>
        Math.max(
          0,
          x.reduce((sum, value, i) => sum + value * w1[i * hidden + j]!, bias),
        ),
      );
      const z = b2.map((bias, c) => h.reduce((sum, value, j) => sum + value * w2[j * classes + c]!, bias));
      const top = Math.max(...z);
      const e = z.map((value) => Math.exp(value - top));
      const total = e.reduce((sum, value) => sum + value, 0);
      const dz = e.map((value, c) => value / total - (c === labels[at] ? 1 : 0));
      const dh = h.map((value, j) => (value > 0 ? dz.reduce((sum, d, c) => sum + d * w2[j * classes + c]!, 0) : 0));
      const rate = 0.03;
      h.forEach((value, j) => dz.forEach((d, c) => (w2[j * classes + c]! -= rate * d * value)));
      x.forEach((value, i) => dh.forEach((d, j) => (w1[i * hidden + j]! -= rate * d * value)));
      dz.forEach((d, c) => (b2[c]! -= rate * d));
      dh.forEach((d, j) => (b1[j]! -= rate * d));
    }
  }
  const node = (operator: string, inputs: string[], output: string) => ({
    operator,
    inputs,
    outputs: [output],
    attributes: new Map(),
    name: output,
    where: `Node "${output}" (${operator})`,
  });
  return {
    opset: 17,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, pixels] }],
    outputs: ['y'],
    nodes: [node('Gemm', ['x', 'w1', 'b1'], 'h'), node('Relu', ['h'], 'r'), node('Gemm', ['r', 'w2', 'b2'], 'y')],
    initializers: new Map([
      ['w1', tensorOf('FP32', [pixels, hidden], w1)],
      ['b1', tensorOf('FP32', [hidden], b1)],
      ['w2', tensorOf('FP32', [hidden, classes], w2)],
      ['b2', tensorOf('FP32', [classes], b2)],
    ]),
  };
}
