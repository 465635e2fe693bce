import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openSession } from '../testing/onnxruntime.js';
import { compileModel } from './compile-model.js';
import { execute, outputOf } from './execute.js';

const file = readFileSync(fileURLToPath(new URL('../../../models/digits/digits.onnx', import.meta.url)));
const heldBack = readFileSync(fileURLToPath(new URL('../../../models/digits/heldback.bin', import.meta.url)));

describe('the digits model', () => {
  it('gives the bytes that onnxruntime gives, on every held-back image and outside their range', async () => {
    const graph = compileModel(file);
    const run = await openSession(file, 'all');
    const images = Array.from({ length: heldBack.length / 65 }, (_, at) =>
      heldBack.subarray(at * 65 + 1, (at + 1) * 65),
    );
    images.push(
      Buffer.alloc(64),
      Buffer.alloc(64, 255),
      Buffer.from(Uint8Array.from({ length: 64 }, (_, at) => (at * 37) % 256)),
    );

    for (const image of images) {
      const answers = await run(graph.inputs, image);
      const expected = Buffer.concat(graph.outputs.map(({ name }) => answers.get(name)!));
      expect(Buffer.from(outputOf(graph, execute(graph, image)))).toEqual(expected);
    }
  });
});
