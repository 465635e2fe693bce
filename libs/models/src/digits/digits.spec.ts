import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import protobuf from 'protobufjs';
import { digits } from './digits.js';

const CARD_SHA256 = /sha256 +\| `([0-9a-f]{64})`/;
const CARD_ACCURACY = /held back, 360 images +\| ([\d.]+) %/;
const card = readFileSync(digits.cardPath, 'utf8');

describe('digits.onnx', () => {
  it('is the file the card names', () => {
    const sha256 = createHash('sha256').update(readFileSync(digits.modelPath)).digest('hex');

    expect(CARD_SHA256.exec(card)?.[1]).toBe(sha256);
  });

  it('reads the held-back images as well as the card says', async () => {
    const run = await openSession();
    const examples = digits.heldBack();

    const answers = await Promise.all(examples.map(async ({ pixels }) => digits.decode(await run(pixels))));

    const correct = answers.filter(({ label }, index) => label === examples[index]!.label).length;
    expect(examples).toHaveLength(360);
    expect(CARD_ACCURACY.exec(card)?.[1]).toBe(((100 * correct) / examples.length).toFixed(2));
    expect(correct / examples.length).toBeGreaterThanOrEqual(0.96);
  });

  it('answers exactly as integer arithmetic on its weights does, also outside the pixel range', async () => {
    const run = await openSession();
    const compute = readReference();
    const images = [
      ...digits.heldBack().map(({ pixels }) => pixels),
      new Uint8Array(64),
      new Uint8Array(64).fill(255),
      Uint8Array.from({ length: 64 }, (_, pixel) => (pixel * 37) % 256),
    ];

    for (const pixels of images) expect(digits.decode(await run(pixels))).toEqual(compute(pixels));
  });

  it('gives the same bytes for one or two threads, all optimisation levels and both execution modes', async () => {
    const images = digits.heldBack().slice(0, 100);
    const hashes = new Set<string>();

    for (const intraOpNumThreads of [1, 2]) {
      for (const graphOptimizationLevel of ['disabled', 'basic', 'extended', 'layout', 'all'] as const) {
        for (const executionMode of ['sequential', 'parallel'] as const) {
          const run = await openSession({ intraOpNumThreads, graphOptimizationLevel, executionMode });
          const hash = createHash('sha256');
          for (const { pixels } of images) hash.update(await run(pixels));
          hashes.add(hash.digest('hex'));
        }
      }
    }

    expect(hashes.size).toBe(1);
  });
});

describe('digits', () => {
  it('states the lengths of its input and output', () => {
    expect(digits.inputBytes).toBe(64);
    expect(digits.outputBytes).toBe(48);
  });

  it('holds back pixels and labels in their ranges, every digit among them', () => {
    const examples = digits.heldBack();

    expect(examples.every(({ pixels }) => pixels.length === 64 && pixels.every((pixel) => pixel <= 16))).toBe(true);
    expect(new Set(examples.map(({ label }) => label))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });

  it('refuses an answer of another length', () => {
    expect(() => digits.decode(new Uint8Array(47))).toThrow(
      expect.objectContaining({ code: 'WrongOutputLength', data: { expected: 48, actual: 47 } }),
    );
  });
});

type Run = (pixels: Uint8Array) => Promise<Uint8Array>;

async function openSession(options: InferenceSession.SessionOptions = { intraOpNumThreads: 1 }): Promise<Run> {
  const session = await InferenceSession.create(digits.modelPath, options);
  return async (pixels) => {
    const { label, logits } = await session.run({ pixels: new Tensor('uint8', pixels, [1, 64]) });
    return Buffer.concat([label, logits].map((tensor) => asBytes(tensor!.data as ArrayBufferView)));
  };
}

function asBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The same network in plain integers (and one rounding to float32), on the weights read out of the file. */
function readReference() {
  const { w1, b1, scale, w2, b2 } = readWeights();
  const hiddenSize = b1!.length;
  return (pixels: Uint8Array) => {
    const hidden = b1!.map((bias, j) => {
      const sum = pixels.reduce((total, pixel, i) => total + pixel * w1![i * hiddenSize + j]!, bias);
      return Math.min(255, Math.max(0, roundHalfToEven(Math.fround(sum * scale![j]!))));
    });
    const logits = b2!.map((bias, k) => hidden.reduce((total, value, j) => total + value * w2![j * 10 + k]!, bias));
    return { label: logits.indexOf(Math.max(...logits)), logits };
  };
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  return fraction > 0.5 || (fraction === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

function readWeights(): Record<string, number[]> {
  const { root } = protobuf.parse(`syntax = "proto3";
    message Tensor { int32 data_type = 2; string name = 8; bytes raw_data = 9; }
    message Graph { repeated Tensor initializer = 5; }
    message Model { Graph graph = 7; }`);
  const model = root.lookupType('Model').decode(readFileSync(digits.modelPath)) as unknown as {
    graph: { initializer: { name: string; dataType: number; rawData: Uint8Array }[] };
  };
  const readers: Record<number, (view: DataView) => number[]> = {
    1: (view) => Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true)),
    3: (view) => Array.from({ length: view.byteLength }, (_, i) => view.getInt8(i)),
    6: (view) => Array.from({ length: view.byteLength / 4 }, (_, i) => view.getInt32(4 * i, true)),
  };
  return Object.fromEntries(
    model.graph.initializer.map(({ name, dataType, rawData }) => [
      name,
      readers[dataType]!(new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)),
    ]),
  );
}
