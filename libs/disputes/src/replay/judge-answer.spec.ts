import { generateText } from '@openimo/donnx';
import type { ModelRunner } from '@openimo/domain';
import fc from 'fast-check';
import { type Answer, claimsOf } from '../answer.js';
import { judgeAnswer } from './judge-answer.js';

const MODEL = `0x${'11'.repeat(32)}` as const;
const CONTEXT = 12;
const MOST_NEW_BYTES = 6;

/** Says what follows from all it has read, and ends a text now and then: a wrong byte changes everything behind it. */
const nextByte = (input: Uint8Array) => {
  const sum = input.reduce((total, byte, at) => (total * 31 + byte * (at + 1)) % 65_521, 7);
  return Uint8Array.of(sum % 5 === 0 ? 0 : 1 + (sum % 255));
};
const context = { context: CONTEXT, run: nextByte };
const runner: Pick<ModelRunner, 'run' | 'generate'> = {
  run: async (_, input) => (input.length === CONTEXT ? nextByte(input) : input.map((byte) => byte ^ 0xff)),
  generate: (_, prompt, { mostNewBytes = CONTEXT } = {}) =>
    generateText(context, prompt, { maxNewBytes: mostNewBytes }),
};

const textAnswer = (prompt: Uint8Array, output: Uint8Array): Answer => ({
  kind: 'text',
  outputRoot: '0x',
  prompt,
  output,
  mostNewBytes: MOST_NEW_BYTES,
  context: CONTEXT,
});
const write = (prompt: Uint8Array) => generateText(context, prompt, { maxNewBytes: MOST_NEW_BYTES });
const letter = fc.integer({ min: 1, max: 255 });
const text = (minLength: number, maxLength: number) =>
  fc.array(letter, { minLength, maxLength }).map((bytes) => Uint8Array.from(bytes));

describe('judgeAnswer, of a text', () => {
  it('finds nothing wrong with what the model writes', async () => {
    await fc.assert(
      fc.asyncProperty(text(1, CONTEXT - 1), async (prompt) => {
        const answer = textAnswer(prompt, await write(prompt));
        expect(await judgeAnswer(runner, MODEL, answer)).toEqual({ right: true, claims: claimsOf(answer) });
      }),
    );
  });

  it('names the first step that the model would take otherwise, and what it gives there', async () => {
    await fc.assert(
      fc.asyncProperty(text(1, CONTEXT - 1), text(0, MOST_NEW_BYTES), async (prompt, written) => {
        const output = written.subarray(0, Math.min(MOST_NEW_BYTES, CONTEXT - prompt.length));
        const answer = textAnswer(prompt, output);
        const judged = await judgeAnswer(runner, MODEL, answer);
        expect(await judgeAnswer({ run: runner.run }, MODEL, answer)).toEqual(judged);
        const wrong = Array.from({ length: claimsOf(answer) }, (_, step) => {
          const input = new Uint8Array(CONTEXT);
          input.set([...prompt, ...output.subarray(0, step)]);
          return nextByte(input)[0] !== (output[step] ?? 0);
        }).indexOf(true);
        if (wrong === -1) return expect(judged.right).toBe(true);
        expect(judged).toMatchObject({ right: false, claim: { item: wrong } });
        if (!judged.right) expect(judged.expected).toEqual(nextByte(judged.claim.input));
      }),
    );
  });

  it.each([
    ['ends too early', (right: Uint8Array) => right.subarray(0, 2), 2],
    ['says nothing', () => new Uint8Array(), 0],
    ['goes on behind the end', (right: Uint8Array) => Uint8Array.from([...right, 65]), 4],
    ['has another byte', (right: Uint8Array) => right.with(1, right[1]! ^ 1 || 1), 1],
  ])('judges the step where it %s', async (_, wrongly, step) => {
    const prompt = promptOf(4);
    const answer = textAnswer(prompt, wrongly(await write(prompt)));

    expect(await judgeAnswer(runner, MODEL, answer)).toMatchObject({ right: false, claim: { item: step } });
  });

  it('accuses nobody where writing gives another text than its steps', async () => {
    const prompt = promptOf(4);
    const right = textAnswer(prompt, await write(prompt));
    const broken = { ...runner, generate: async () => Uint8Array.of(1, 2, 3) };

    await expect(judgeAnswer(broken, MODEL, right)).rejects.toMatchObject({ code: 'RunsDisagree' });
  });

  /** A prompt that the model writes on from with so many bytes and an end. */
  function promptOf(length: number): Uint8Array {
    const all = Array.from({ length: 5_000 }, (_, seed) => Uint8Array.of(1 + (seed % 255), 1 + (seed >> 8)));
    return all.find((prompt) => writeNow(prompt).length === length)!;
  }

  function writeNow(prompt: Uint8Array): number[] {
    const written: number[] = [];
    for (;;) {
      const input = new Uint8Array(CONTEXT);
      input.set([...prompt, ...written]);
      const next = nextByte(input)[0]!;
      if (next === 0 || written.length === MOST_NEW_BYTES) return written;
      written.push(next);
    }
  }
});

describe('judgeAnswer, of tensors', () => {
  const inputs = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
  const batch = (...outputs: number[]): Answer => ({
    kind: 'tensors',
    outputRoot: '0x',
    inputs,
    outputs: outputs.map((output) => Uint8Array.of(output)),
  });

  it('runs every item', async () => {
    expect(await judgeAnswer(runner, MODEL, batch(254, 253, 252))).toEqual({ right: true, claims: 3 });
  });

  it('names the first item that is wrong', async () => {
    expect(await judgeAnswer(runner, MODEL, batch(254, 0, 0))).toEqual({
      right: false,
      claim: { item: 1, input: Uint8Array.of(2), output: Uint8Array.of(0) },
      expected: Uint8Array.of(253),
    });
  });
});
