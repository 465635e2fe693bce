import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commitFile } from '../commit/commit-file.js';
import { sha256, toHex } from '../commit/hash.js';
import { compileModel } from '../model/compile-model.js';
import { execute, outputOf } from '../model/execute.js';
import { OPERATORS } from '../operators/operators.js';
import { openSession, type Level } from '../testing/onnxruntime.js';
import { conformanceVectors, disagreements, hashOfOutput, type RunVector } from './conformance.js';
import { goldenHash, goldenInput } from './golden.js';
import { OUTPUT_HASHES } from './output-hashes.js';

const inExecutor: RunVector = async ({ model, input }) => {
  const graph = compileModel(model);
  return outputOf(graph, execute(graph, input));
};

const inOnnxruntime =
  (level: Level): RunVector =>
  async ({ model, inputs, outputs, input }) => {
    const answers = await (await openSession(model, level))(inputs, input);
    return Buffer.concat(outputs.map(({ name }) => answers.get(name)!));
  };

describe('the conformance vectors', () => {
  const vectors = conformanceVectors();

  it('have one or more for every operator of the profile, each under a name of its own', () => {
    expect([...new Set(vectors.map(({ operator }) => operator))].sort()).toEqual(Object.keys(OPERATORS).sort());
    expect(vectors.map(({ name }) => name).sort()).toEqual(Object.keys(OUTPUT_HASHES).sort());
  });

  it('say what the executor gives', async () => {
    expect(await disagreements(inExecutor)).toEqual([]);
  });

  it.each(['disabled', 'basic', 'extended', 'all'] as const)('are what onnxruntime gives (%s)', async (level) => {
    expect(await disagreements(inOnnxruntime(level))).toEqual([]);
  });

  it('tell which one a runtime gets wrong, and which one it fails on', async () => {
    const flawed: RunVector = async (vector) => {
      const output = Uint8Array.from(await inExecutor(vector));
      if (vector.operator === 'Round') output[0]! ^= 1;
      if (vector.operator === 'Pad') throw new Error('not implemented');
      return output;
    };

    const found = await disagreements(flawed);

    expect(found.map(({ vector, error }) => [vector.operator, error])).toEqual([
      ['Round', undefined],
      ['Pad', new Error('not implemented')],
    ]);
  });

  it('have outputs that depend on their inputs: another input gives another hash', async () => {
    for (const vector of vectors) {
      const input = vector.input.map((byte, at) => (at % 2 === 0 ? byte ^ 0x55 : byte));
      expect({ name: vector.name, hash: hashOfOutput(await inExecutor({ ...vector, input })) }).not.toEqual({
        name: vector.name,
        hash: vector.outputHash,
      });
    }
  });
});

describe('the golden hash of a model', () => {
  const file = readFileSync(fileURLToPath(new URL('../../../models/digits-cnn/digits-cnn.onnx', import.meta.url)));
  const fileHash = toHex(sha256(file));

  it('is of an input as long as the model reads, which another file has otherwise', () => {
    expect(goldenInput(fileHash, 40)).toHaveLength(40);
    expect(goldenInput(fileHash, 40)).toEqual(goldenInput(fileHash, 64).subarray(0, 40));
    expect(goldenInput(`0x${'11'.repeat(32)}`, 40)).not.toEqual(goldenInput(fileHash, 40));
  });

  it('is what onnxruntime gives', async () => {
    const { inputs, outputs } = compileModel(file);
    const answers = await (await openSession(file, 'all'))(inputs, goldenInput(fileHash, 64));
    const output = Buffer.concat(outputs.map(({ name }) => answers.get(name)!));

    expect(goldenHash(commitFile(file), fileHash)).toBe(hashOfOutput(output));
  });
});
