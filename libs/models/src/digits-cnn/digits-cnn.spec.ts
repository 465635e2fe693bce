import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compileModel } from '@openimo/donnx';
import { differingValues, LEVELS, openRun } from '../testing/agreement.js';
import { digitsCnn } from './digits-cnn.js';

const CARD_SHA256 = /sha256 +\| `([0-9a-f]{64})`/;
const CARD_ACCURACY = /held back, 360 images +\| ([\d.]+) %/;
const CARD_FLOAT_ACCURACY = /float32 original on the same images +\| ([\d.]+) %/;
const card = readFileSync(digitsCnn.cardPath, 'utf8');
const file = readFileSync(digitsCnn.modelPath);
const figure = (pattern: RegExp) => Number(pattern.exec(card)?.[1]);

const joined = (answers: ReadonlyMap<string, Uint8Array>) =>
  Buffer.concat(digitsCnn.outputs.map(({ name }) => answers.get(name)!));

describe('digits-cnn.onnx', () => {
  it('is the file the card names', () => {
    expect(CARD_SHA256.exec(card)?.[1]).toBe(createHash('sha256').update(file).digest('hex'));
  });

  it('reads the held-back images as well as the card says, within half a point of its float original', async () => {
    const run = await openRun(digitsCnn.modelPath);
    let correct = 0;
    for (const { pixels, label } of digitsCnn.heldBack()) {
      if (digitsCnn.decode(joined(await run(pixels))).label === label) correct++;
    }

    const share = (100 * correct) / digitsCnn.heldBack().length;
    expect(figure(CARD_ACCURACY).toFixed(2)).toBe(share.toFixed(2));
    expect(figure(CARD_FLOAT_ACCURACY) - share).toBeLessThanOrEqual(0.5);
  });

  it('is in the profile, with the inputs and outputs that it states', () => {
    const { inputs, outputs } = compileModel(file);

    expect(inputs).toEqual(digitsCnn.inputs);
    expect(outputs).toEqual(digitsCnn.outputs);
    expect([digitsCnn.inputBytes, digitsCnn.outputBytes]).toEqual([64, 48]);
  });

  it('agrees with the specification on every tensor, also outside of the pixel range', async () => {
    const images = [
      ...digitsCnn
        .heldBack()
        .slice(0, 20)
        .map(({ pixels }) => pixels),
      new Uint8Array(64).fill(255),
      Uint8Array.from({ length: 64 }, (_, pixel) => (pixel * 37) % 256),
    ];
    expect(await differingValues(digitsCnn.modelPath, images)).toEqual([]);
  });

  it('gives the same bytes on one thread and on two, at every optimisation level', async () => {
    const hashes = new Set<string>();
    for (const intraOpNumThreads of [1, 2]) {
      for (const graphOptimizationLevel of LEVELS) {
        const run = await openRun(digitsCnn.modelPath, { intraOpNumThreads, graphOptimizationLevel });
        const hash = createHash('sha256');
        for (const { pixels } of digitsCnn.heldBack().slice(0, 100)) hash.update(joined(await run(pixels)));
        hashes.add(hash.digest('hex'));
      }
    }

    expect(hashes.size).toBe(1);
  });
});

describe('digitsCnn', () => {
  it('refuses an answer of another length', () => {
    expect(() => digitsCnn.decode(new Uint8Array(47))).toThrow(
      expect.objectContaining({ code: 'WrongOutputLength', data: { expected: 48, actual: 47 } }),
    );
  });
});
