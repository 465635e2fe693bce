import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { compileModel, decodeGraph, encodeOnnx, generateCached, generateText, importOnnx } from '@openimo/donnx';
import { differingValues, LEVELS, openRun, type Run } from '../testing/agreement.js';
import { gpt } from './gpt.js';

const card = readFileSync(gpt.cardPath, 'utf8');
const file = readFileSync(gpt.modelPath);
const bytes = (text: string) => new TextEncoder().encode(text);

/** The figures of a row of the card: of the float32 original, and lowered. */
function figuresOf(row: string): [original: number, lowered: number] {
  const cells = card
    .split('\n')
    .find((line) => line.startsWith(`| ${row}`))!
    .split('|');
  return [Number.parseFloat(cells[2]!), Number.parseFloat(cells[3]!)];
}

/** Bits that the model's scores leave open per held-back byte, and how often its first choice is that byte. */
async function measure(path: string) {
  const run = await openRun(path, { values: ['logits', 'next'] });
  let [bits, right] = [0, 0];
  const choices: number[] = [];
  for (const { text, next } of gpt.heldBack()) {
    const answers = await run(text);
    const scores = new Float32Array(answers.get('logits')!.slice().buffer);
    const most = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
    bits += (Math.log(total) + most - scores[next]!) / Math.LN2;
    const choice = answers.get('next')![0]!;
    choices.push(choice);
    if (choice === next) right++;
  }
  const count = gpt.heldBack().length;
  return { bits: bits / count, accuracy: (100 * right) / count, choices };
}

describe('gpt.onnx', () => {
  it('is the file the card names', () => {
    expect(/sha256 +\| `([0-9a-f]{64})`/.exec(card)?.[1]).toBe(createHash('sha256').update(file).digest('hex'));
  });

  it('has a million parameters or more', () => {
    const weights = [...importOnnx(file).initializers.values()].filter(({ datatype }) => datatype === 'INT8');

    expect(weights.reduce((sum, { data }) => sum + data.length, 0)).toBeGreaterThan(1_000_000);
  });

  it('is as good on held-back text as the card says: perplexity within 2 %, top-1 within half a point', async () => {
    const original = await measure(gpt.floatPath);
    const lowered = await measure(gpt.modelPath);

    const [originalBits, loweredBits] = figuresOf('bits per byte');
    const [originalAccuracy, loweredAccuracy] = figuresOf('right byte first');
    expect(original.bits).toBeCloseTo(originalBits, 2);
    expect(lowered.bits.toFixed(4)).toBe(loweredBits.toFixed(4));
    expect(original.accuracy).toBeCloseTo(originalAccuracy, 0);
    expect(lowered.accuracy.toFixed(2)).toBe(loweredAccuracy.toFixed(2));
    expect(2 ** (lowered.bits - original.bits)).toBeLessThanOrEqual(1.02);
    expect(original.accuracy - lowered.accuracy).toBeLessThanOrEqual(0.5);
    const agreed = lowered.choices.filter((choice, at) => choice === original.choices[at]).length;
    expect(agreed / gpt.heldBack().length).toBeGreaterThan(0.95);
  });

  it('is in the profile, with the input and output that it states', () => {
    const { inputs, outputs } = compileModel(file);

    expect(inputs).toEqual(gpt.inputs);
    expect(outputs).toEqual(gpt.outputs);
  });

  it('agrees with the specification on every tensor: full, short and no text, and bytes that are none', async () => {
    const full = gpt.heldBack().find(({ text }) => !text.includes(0))!.text;
    const short = new Uint8Array(gpt.context);
    short.set(bytes('function '));
    const odd = Uint8Array.from({ length: gpt.context }, (_, at) => (at * 89 + 3) % 256);

    expect(await differingValues(gpt.modelPath, [full, short, new Uint8Array(gpt.context), odd])).toEqual([]);
  });

  it('gives the same bytes on one thread and on two, at every optimisation level', async () => {
    const hashes = new Set<string>();
    for (const intraOpNumThreads of [1, 2]) {
      for (const graphOptimizationLevel of LEVELS) {
        const run = await openRun(gpt.modelPath, { intraOpNumThreads, graphOptimizationLevel });
        const hash = createHash('sha256');
        for (const { text } of gpt.heldBack().slice(0, 60)) hash.update((await run(text)).get('next')!);
        hashes.add(hash.digest('hex'));
      }
    }

    expect(hashes.size).toBe(1);
  });
});

describe('gpt', () => {
  const write = async (run: Run, prompt: string) => {
    const model = { context: gpt.context, run: async (input: Uint8Array) => (await run(input)).get('next')! };
    return new TextDecoder().decode(await generateText(model, bytes(prompt)));
  };

  it('writes on from a prompt what the card shows, until its context is full', async () => {
    const run = await openRun(gpt.modelPath);
    const shown = [...card.matchAll(/^ {4}(.+?)⟨(.*)⟩$/gm)];

    expect(shown.length).toBeGreaterThanOrEqual(3);
    for (const [, prompt, written] of shown) expect(await write(run, prompt!)).toBe(written!.replaceAll('⏎', '\n'));
  });

  it('writes the same a position at a time, with keys and values in caches', async () => {
    const run = await openRun(gpt.modelPath);
    const { graph, caches } = decodeGraph(importOnnx(file), 'last');
    const { outputs } = compileModel(graph);
    const session = await InferenceSession.create(encodeOnnx(graph, { outputs }), { intraOpNumThreads: 1 });
    const decode = async (step: ReadonlyMap<string, Uint8Array>) => {
      const feeds = graph.inputs.map(({ name, datatype, shape }) => {
        const given = step.get(name)!;
        const isPosition = datatype === 'INT32';
        const data = isPosition ? new Int32Array(given.slice().buffer) : given;
        return [name, new OrtTensor(isPosition ? 'int32' : 'uint8', data as Uint8Array, shape)] as const;
      });
      const answers = await session.run(Object.fromEntries(feeds));
      return new Map(Object.entries(answers).map(([name, { data }]) => [name, data as Uint8Array]));
    };

    for (const prompt of ['', 'function ', '    /// @dev ', 'contract Token is ERC20, Ownable {']) {
      const text = await generateCached({ context: gpt.context, next: 'next', caches, run: decode }, bytes(prompt));
      expect(new TextDecoder().decode(text)).toBe(await write(run, prompt));
    }
  });

  it('refuses an answer of another length', () => {
    expect(() => gpt.decode(new Uint8Array(2))).toThrow(
      expect.objectContaining({ code: 'WrongOutputLength', data: { expected: 1, actual: 2 } }),
    );
  });
});
