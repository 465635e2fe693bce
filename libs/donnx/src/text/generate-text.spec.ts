import fc from 'fast-check';
import { generateText, type TextModel } from './generate-text.js';
import { END_OF_TEXT, stepInput } from './step-input.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Says the alphabet on from the last byte, and ends after `last`. */
const alphabet = (context: number, last = 'z'): TextModel => ({
  context,
  run(input) {
    const length = input.indexOf(0) < 0 ? input.length : input.indexOf(0);
    const previous = input[length - 1] ?? 0x60;
    return Uint8Array.of(previous === last.charCodeAt(0) ? END_OF_TEXT : previous + 1);
  },
});

describe('stepInput', () => {
  it('is the prompt, the output and zeros, always as long as the context', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (prompt, output) => {
        const packed = stepInput(40, prompt, output);

        expect(packed).toHaveLength(40);
        const rest = new Array<number>(40 - prompt.length - output.length).fill(0);
        expect([...packed]).toEqual([...prompt, ...output, ...rest]);
      }),
    );
  });

  it('refuses more than the model reads', () => {
    expect(() => stepInput(4, bytes('abc'), bytes('de'))).toThrow(/has 5 bytes and the model reads 4/);
  });
});

describe('generateText', () => {
  it('writes until the model ends the text, without the end', async () => {
    expect(await generateText(alphabet(40, 'f'), bytes('ab'))).toEqual(bytes('cdef'));
  });

  it('stops where the context is full', async () => {
    expect(await generateText(alphabet(5), bytes('abc'))).toEqual(bytes('de'));
    expect(await generateText(alphabet(3), bytes('abc'))).toEqual(bytes(''));
  });

  it('writes no more than asked', async () => {
    expect(await generateText(alphabet(40), bytes('a'), { maxNewBytes: 3 })).toEqual(bytes('bcd'));
  });

  it('begins by itself without a prompt', async () => {
    expect(await generateText(alphabet(3), bytes(''))).toEqual(bytes('abc'));
  });

  it('feeds every step the input that a dispute of it would have', async () => {
    const inputs: Uint8Array[] = [];
    const model = alphabet(6);
    const output = await generateText(
      { context: 6, run: (input) => (inputs.push(input), model.run(input)) },
      bytes('k'),
    );

    expect(inputs).toEqual([...output].map((_, t) => stepInput(6, bytes('k'), output.subarray(0, t))));
  });

  it('refuses a prompt longer than the context, and a model that answers more than a byte', async () => {
    await expect(generateText(alphabet(3), bytes('abcd'))).rejects.toThrow(/Shorten the prompt/);
    await expect(generateText({ context: 3, run: () => new Uint8Array(2) }, bytes('a'))).rejects.toThrow(
      /answers one byte/,
    );
  });
});
