import type { ModelRunner } from '@openimo/domain';
import { answerBatch, splitBatch } from './answer-batch.js';

const MODEL = `0x${'ab'.repeat(32)}` as const;
const io = { minInput: 2, maxInput: 2, minOutput: 1, maxOutput: 1, context: 0 };

/** Answers each item with the sum of its bytes; later items are done earlier. */
const summing = {
  run: async (_model: string, input: Uint8Array) => {
    await new Promise((resolve) => setTimeout(resolve, 10 - input[0]!));
    return Uint8Array.of(input[0]! + input[1]!);
  },
} as unknown as ModelRunner;

describe('answerBatch', () => {
  it('answers item by item, in order', async () => {
    expect(await answerBatch(summing, MODEL, io, { input: '0x010203040506', batchSize: 3 })).toEqual([
      '0x03',
      '0x07',
      '0x0b',
    ]);
  });

  it('refuses an answer the registry does not allow', async () => {
    const wrong = { ...io, minOutput: 2, maxOutput: 2 };

    await expect(answerBatch(summing, MODEL, wrong, { input: '0x0102', batchSize: 1 })).rejects.toMatchObject({
      code: 'WrongOutputLength',
      data: { item: 0, length: 1 },
    });
  });
});

describe('answerBatch of a version that writes text', () => {
  const text = { minInput: 1, maxInput: 15, minOutput: 0, maxOutput: 5, context: 16 };

  it('writes on from the prompt, as much as the version does', async () => {
    const writer = {
      generate: async (_model: string, prompt: Uint8Array, { mostNewBytes }: { mostNewBytes: number }) =>
        new Uint8Array(mostNewBytes).fill(prompt[0]!),
    } as unknown as ModelRunner;

    expect(await answerBatch(writer, MODEL, text, { input: '0x0700', batchSize: 1 })).toEqual(['0x0707070707']);
  });

  it('takes nothing to add for an answer', async () => {
    const silent = { generate: async () => new Uint8Array() } as unknown as ModelRunner;

    expect(await answerBatch(silent, MODEL, text, { input: '0x07', batchSize: 1 })).toEqual(['0x']);
  });
});

describe('splitBatch', () => {
  it.each([
    [5, 2],
    [4, 0],
    [4, 1.5],
  ])('refuses %i bytes as a batch of %d', (bytes, size) => {
    expect(() => splitBatch(new Uint8Array(bytes), size)).toThrow('items of equal length');
  });
});
