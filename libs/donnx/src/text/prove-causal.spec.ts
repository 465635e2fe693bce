import fc from 'fast-check';
import { isDomainError } from '@openimo/domain';
import { compileModel } from '../model/compile-model.js';
import { execute, outputOf, valueIn } from '../model/execute.js';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { canonicalBytes } from '../tensor/canonical.js';
import { tensorOf, type Tensor } from '../tensor/tensor.js';
import { CONTEXT, loweredTextModel } from '../testing/text-model.js';
import { cachedDecoding } from './cached-decoding.js';
import { decodeGraph } from './decode-graph.js';
import { generateCached } from './generate-cached.js';
import { generateText } from './generate-text.js';
import { proveCausal } from './prove-causal.js';

let honest: PlainGraph;
beforeAll(async () => {
  honest = await loweredTextModel('Relu');
});

const nodeBy = (operator: string, which: (node: PlainNode) => boolean = () => true): PlainNode =>
  honest.nodes.find((node) => node.operator === operator && which(node))!;
const constant = (name: string): Tensor => honest.initializers.get(name)!;

function withConstants(changes: Readonly<Record<string, Tensor>>): PlainGraph {
  return { ...honest, initializers: new Map([...honest.initializers, ...Object.entries(changes)]) };
}

function withElement(name: string, at: number, value: number): PlainGraph {
  const { datatype, dims, data } = constant(name);
  return withConstants({ [name]: tensorOf(datatype, dims, Array.from(data as Int32Array).with(at, value)) });
}

/** The graph with nodes put before one, which reads what the last of them makes instead of its first input. */
function withNodes(before: PlainNode, ...added: readonly Pick<PlainNode, 'operator' | 'inputs'>[]): PlainGraph {
  const extra = added.map(({ operator, inputs }, at): PlainNode => {
    const name = `added${at}`;
    return { operator, inputs, outputs: [name], attributes: new Map(), name, where: `Node "${name}" (${operator})` };
  });
  const changed = { ...before, inputs: before.inputs.with(0, extra.at(-1)!.outputs[0]!) };
  return { ...honest, nodes: honest.nodes.flatMap((node) => (node === before ? [...extra, changed] : [node])) };
}

/** The constants of the one attention that the model has. */
function attention() {
  const isMask = (name: string) => constant(name)?.dims.join() === `${CONTEXT},${CONTEXT}`;
  const mask = nodeBy('Add', ({ inputs }) => inputs.some(isMask));
  const table = nodeBy('GatherElements');
  return {
    mask: mask.inputs.find(isMask)!,
    table: table.inputs[0]!,
    scores: mask.inputs.find((name) => !isMask(name))!,
  };
}

describe('the proof that a text model is causal', () => {
  it('succeeds for one whose later positions are masked', async () => {
    expect(() => proveCausal(honest, 'last')).not.toThrow();
    const other = await loweredTextModel('Gelu');
    expect(() => proveCausal(other, 'last')).not.toThrow();
  });

  it('ends where one later position is not masked for one row', () => {
    const { mask } = attention();
    const leak = withElement(mask, 2 * CONTEXT + 3, 0);

    expect(() => proveCausal(leak, 'last')).toThrow(/ReduceMax\) may read later positions/);
  });

  it('ends where what is masked still weighs something', () => {
    const { table } = attention();
    const leak = withElement(table, constant(table).data.length - 1, 1);

    expect(() => proveCausal(leak, 'last')).toThrow(/MatMulInteger\) may read later positions/);
  });

  it('ends where rows of all positions are joined by what is at the last one', () => {
    const stream = nodeBy('QuantizeLinear').inputs[0]!;
    const leak = withNodes(
      nodeBy('QuantizeLinear'),
      { operator: 'Gather', inputs: [stream, 'last'] },
      { operator: 'Add', inputs: [stream, 'added0'] },
    );

    expect(() => proveCausal(leak, 'last')).toThrow(/"added1" \(Add\) may read later positions/);
  });

  it('ends where rows are summed over all positions', () => {
    const stream = nodeBy('QuantizeLinear').inputs[0]!;
    const leak = withNodes(
      nodeBy('QuantizeLinear'),
      { operator: 'Round', inputs: [stream] },
      { operator: 'Clip', inputs: ['added0', 'least', 'most'] },
      { operator: 'ReduceSum', inputs: ['added1', 'rows'] },
      { operator: 'Add', inputs: [stream, 'added2'] },
    );
    const bound = (value: number) => tensorOf('FP32', [], [value]);
    const extra = { rows: tensorOf('INT64', [1], [0]), least: bound(-9), most: bound(9) };
    const graph = { ...leak, initializers: new Map([...leak.initializers, ...Object.entries(extra)]) };

    expect(() => proveCausal(graph, 'last')).toThrow(/ReduceSum\) may read later positions/);
  });

  it('ends where the end of the text is told from more than which bytes there are', () => {
    const isText = nodeBy('Cast', ({ inputs, attributes }) => inputs[0] === 'text' && attributes.get('to') === 9);
    const ones = nodeBy('Cast', ({ inputs }) => inputs[0] === isText.outputs[0]);
    const asNumbers = { ...isText, attributes: new Map([['to', 6]]) };
    const one = nodeBy('Sub', ({ inputs }) => constant(inputs[1]!)?.datatype === 'INT32').inputs[1]!;
    const atMostOne = { ...ones, operator: 'Min', inputs: [...ones.inputs, one], attributes: new Map() };
    const nodes = honest.nodes.map((node) => (node === isText ? asNumbers : node === ones ? atMostOne : node));

    expect(() => proveCausal({ ...honest, nodes }, 'last')).toThrow(/depends on more than the length/);
  });

  it('ends where the end is not where the text ends', () => {
    const one = nodeBy('Sub', ({ inputs }) => constant(inputs[1]!)?.datatype === 'INT32').inputs[1]!;
    const shifted = withConstants({ [one]: tensorOf('INT32', [1], [2]) });

    expect(() => proveCausal(shifted, 'last')).toThrow(/is not where a text of 2 bytes ends/);
  });
});

describe('cachedDecoding', () => {
  const fileOf = (graph: PlainGraph) => encodeOnnx(graph, { outputs: compileModel(graph).outputs });

  it('finds the decode graph of a model that is proven causal, and none of others', () => {
    const found = cachedDecoding(fileOf(honest));
    expect(found).toMatchObject({ context: CONTEXT, next: 'next' });
    expect(found!.caches.length).toBeGreaterThan(0);

    const { mask } = attention();
    expect(cachedDecoding(fileOf(withElement(mask, 2 * CONTEXT + 3, 0)))).toBeUndefined();
    expect(cachedDecoding(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });

  it('whatever number of a model is changed: what is proven writes the same with caches', async () => {
    const names = [...honest.initializers.keys()];
    let proven = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat(),
        fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -100_000, max: 100_000 })),
        fc.uint8Array({ minLength: 1, maxLength: CONTEXT - 2, min: 1 }),
        async (which, element, value, prompt) => {
          const name = names[which % names.length]!;
          let changed: PlainGraph;
          try {
            changed = withElement(name, element % constant(name).data.length, value);
            proveCausal(changed, 'last');
          } catch (error) {
            if (isDomainError(error) || error instanceof TypeError || error instanceof SyntaxError) return;
            throw error;
          }
          proven++;
          const decoding = decodeGraph(changed, 'last');
          const [whole, decode] = [compileModel(changed), compileModel(decoding.graph)];
          const run = async (inputs: ReadonlyMap<string, Uint8Array>) => {
            const trace = execute(decode, Buffer.concat(decode.inputs.map((spec) => inputs.get(spec.name)!)));
            const outputs = ['next', ...decoding.caches.map(({ output }) => output)];
            return new Map(outputs.map((output) => [output, canonicalBytes(valueIn(decode, trace, output), output)]));
          };
          const cached = { context: CONTEXT, next: 'next', caches: decoding.caches, run };
          const recompute = (input: Uint8Array) => outputOf(whole, execute(whole, input));

          expect(await generateCached(cached, prompt)).toEqual(
            await generateText({ context: CONTEXT, run: recompute }, prompt),
          );
        },
      ),
      { numRuns: 60, seed: 8 },
    );
    expect(proven).toBeGreaterThan(20);
  }, 240_000);
});
