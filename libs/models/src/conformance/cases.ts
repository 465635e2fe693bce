import { readFileSync } from 'node:fs';
import {
  canonicalBytes,
  compileModel,
  decodeGraph,
  encodeOnnx,
  equalBytes,
  execute,
  generateCached,
  generateText,
  importOnnx,
  valueIn,
} from '@openimo/donnx';
import { conformanceVectors, hashOfOutput } from '@openimo/donnx/conformance';
import { totalTensorBytes, type TensorSpec } from '@openimo/domain';
import { digitsCnn } from '../digits-cnn/digits-cnn.js';
import { digits } from '../digits/digits.js';
import { gpt } from '../gpt/gpt.js';
import type { Feed, Open } from './runtime.js';

/** Something that has one right answer, on every machine. */
export interface ConformanceCase {
  readonly name: string;
  /** How many answers it compares. */
  readonly count: number;
  /** @returns names of the answers that are not right */
  disagreements(open: Open): Promise<readonly string[]>;
}

export interface CaseOptions {
  /** Fewer inputs and one text, for a test that has to be quick. */
  readonly isSample?: boolean;
}

/**
 * The vectors of every operator, every tensor of every example model as the executor computes it, and whole texts: by the
 * graph that disputes are about, and by cached decode.
 */
export function conformanceCases({ isSample = false }: CaseOptions = {}): ConformanceCase[] {
  const images = digits.heldBack().map(({ pixels }) => pixels);
  const texts = [new Uint8Array(gpt.context), ...gpt.heldBack().map(({ text }) => text)];
  const odd = Uint8Array.from({ length: gpt.context }, (_, at) => (at * 89 + 3) % 256);
  return [
    ...vectorCases(),
    tensorsOf(digits.name, digits.modelPath, images.slice(0, isSample ? 1 : 20)),
    tensorsOf(digitsCnn.name, digitsCnn.modelPath, images.slice(0, isSample ? 1 : 20)),
    tensorsOf(gpt.name, gpt.modelPath, isSample ? [odd] : [odd, ...texts.slice(0, 4)]),
    ...textCases(isSample ? 1 : Infinity),
  ];
}

function vectorCases(): ConformanceCase[] {
  return conformanceVectors().map(({ name, model, inputs, outputs, input, outputHash }) => ({
    name,
    count: 1,
    disagreements: async (open) => {
      const answers = await (await open(model))(feedsOf(inputs, input));
      const output = Buffer.concat(outputs.map((output) => answers.get(output.name) as Uint8Array));
      return hashOfOutput(output) === outputHash ? [] : [name];
    },
  }));
}

/** Every tensor that a node of a model makes, and its outputs as its own file gives them. */
function tensorsOf(model: string, path: string, inputs: readonly Uint8Array[]): ConformanceCase {
  const file = new Uint8Array(readFileSync(path));
  const graph = importOnnx(file);
  const compiled = compileModel(file);
  const names = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
  const exposed = encodeOnnx(graph, { outputs: names.map((name) => ({ name })) });
  let traces: ReturnType<typeof execute>[] | undefined;
  return {
    name: `${model}, every tensor`,
    count: names.length + graph.outputs.length,
    disagreements: async (open) => {
      traces ??= inputs.map((input) => execute(compiled, input));
      const wrong = new Set<string>();
      for (const [at, input] of inputs.entries()) {
        const feeds = feedsOf(graph.inputs, input);
        for (const opened of [exposed, file]) {
          for (const [name, theirs] of await (
            await open(opened)
          )(feeds)) {
            const ours = canonicalBytes(valueIn(compiled, traces[at] as Uint8Array[], name), name);
            if (!equalBytes(ours, theirs)) wrong.add(`${model}: ${name}${opened === file ? ' as output' : ''}`);
          }
        }
      }
      return [...wrong];
    },
  };
}

/** What the card of the text generator shows, written in both ways. */
function textCases(most: number): ConformanceCase[] {
  const whole = new Uint8Array(readFileSync(gpt.modelPath));
  const { graph, caches } = decodeGraph(importOnnx(whole), 'last');
  const cached = encodeOnnx(graph, { outputs: compileModel(graph).outputs });
  const card = readFileSync(gpt.cardPath, 'utf8').matchAll(/^ {4}(.+?)⟨(.*)⟩$/gm);
  return [...card].slice(0, most).flatMap(([, prompt = '', shown = '']) => {
    const text = shown.replaceAll('⏎', '\n');
    const bytes = new TextEncoder().encode(prompt);
    const write = (how: string, by: (open: Open) => Promise<Uint8Array>): ConformanceCase => {
      const name = `gpt, text after ${JSON.stringify(prompt)} ${how}`;
      const disagreements = async (open: Open) => (new TextDecoder().decode(await by(open)) === text ? [] : [name]);
      return { name, count: 1, disagreements };
    };
    return [
      write('by the whole graph', async (open) => {
        const run = await open(whole);
        const next = async (input: Uint8Array) => (await run(feedsOf(gpt.inputs, input))).get('next') as Uint8Array;
        return generateText({ context: gpt.context, run: next }, bytes);
      }),
      write('by cached decode', async (open) => {
        const run = await open(cached);
        const step = (values: ReadonlyMap<string, Uint8Array>) =>
          run(
            new Map(graph.inputs.map((spec) => [spec.name, { ...spec, bytes: values.get(spec.name) as Uint8Array }])),
          );
        return generateCached({ context: gpt.context, next: 'next', caches, run: step }, bytes);
      }),
    ];
  });
}

function feedsOf(inputs: readonly TensorSpec[], input: Uint8Array): ReadonlyMap<string, Feed> {
  let offset = 0;
  return new Map(
    inputs.map((spec) => [spec.name, { ...spec, bytes: input.slice(offset, (offset += totalTensorBytes([spec]))) }]),
  );
}
