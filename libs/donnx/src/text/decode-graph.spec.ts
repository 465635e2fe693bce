import fc from 'fast-check';
import type { TensorSpec } from '@openimo/domain';
import { lowerFloatModel } from '../float/lower-float-model.js';
import { compileModel } from '../model/compile-model.js';
import { execute, valueIn } from '../model/execute.js';
import { importOnnx } from '../onnx/import-onnx.js';
import { canonicalBytes } from '../tensor/canonical.js';
import { DATATYPE_CODES, tensorOf, type Tensor } from '../tensor/tensor.js';
import { calibrate, normal } from '../testing/float-models.js';
import { buildGraph, type NodeParts } from '../onnx/build-graph.js';
import { Random } from '../testing/random.js';
import { decodeGraph } from './decode-graph.js';
import { generateCached } from './generate-cached.js';
import { generateText } from './generate-text.js';

const [CONTEXT, WIDTH, HEADS, BYTES] = [8, 16, 2, 256];

/** A causal transformer of one layer, from a text to the byte that follows it, with random weights. */
function textModel(activation: string) {
  const random = new Random(6);
  const size = WIDTH / HEADS;
  const weights: Record<string, Tensor> = {
    tokens: normal(random, [BYTES, WIDTH], 1),
    positions: normal(random, [CONTEXT, WIDTH], 1),
    gain: normal(random, [WIDTH], 1),
    bias: normal(random, [WIDTH], 1),
    cut: tensorOf('INT64', [3], [CONTEXT, HEADS, size]),
    join: tensorOf('INT64', [2], [CONTEXT, WIDTH]),
    axis: tensorOf('INT64', [1], [0]),
    one: tensorOf('INT32', [1], [1]),
    zero: tensorOf('INT32', [1], [0]),
    causal: tensorOf(
      'FP32',
      [CONTEXT, CONTEXT],
      Array.from({ length: CONTEXT ** 2 }, (_, at) => (at % CONTEXT > Math.floor(at / CONTEXT) ? -1e9 : 0)),
    ),
  };
  const nodes: NodeParts[] = [];
  const add = (operator: string, inputs: string[], output: string, attributes: NodeParts['attributes'] = {}) => {
    nodes.push({ operator, inputs, outputs: [output], attributes, name: output });
    return output;
  };
  const product = (x: string, name: string, columns = WIDTH, rows = WIDTH) => {
    weights[name] = normal(random, [rows, columns], rows ** -0.5);
    return add('MatMul', [x, name], `${name}_product`);
  };
  const head = (x: string, name: string, perm: number[]) =>
    add('Transpose', [add('Reshape', [product(x, name), 'cut'], `${name}_cut`)], `${name}_heads`, { perm });
  const norm = (x: string, name: string) => add('LayerNormalization', [x, 'gain', 'bias'], name, { axis: -1 });

  const present = add('Cast', [add('Cast', ['text'], 'is_text', { to: DATATYPE_CODES.BOOL })], 'ones', {
    to: DATATYPE_CODES.INT32,
  });
  const length = add('ReduceSum', [present, 'axis'], 'length', { keepdims: 1 });
  add('Max', [add('Sub', [length, 'one'], 'before_end'), 'zero'], 'last');
  const ids = add('Cast', ['text'], 'ids', { to: DATATYPE_CODES.INT64 });
  const stream = add('Add', [add('Gather', ['tokens', ids], 'embedded', { axis: 0 }), 'positions'], 'stream');
  const x = norm(stream, 'norm1');
  const [q, k, v] = [head(x, 'q', [1, 0, 2]), head(x, 'k', [1, 2, 0]), head(x, 'v', [1, 0, 2])];
  const masked = add('Add', [add('MatMul', [q, k], 'scores'), 'causal'], 'masked');
  const mixed = add('MatMul', [add('Softmax', [masked], 'attention', { axis: -1 }), v], 'mix');
  const joined = add('Reshape', [add('Transpose', [mixed], 'mix_rows', { perm: [1, 0, 2] }), 'join'], 'joined');
  const middle = add('Add', [stream, product(joined, 'out')], 'middle');
  const active = add(activation, [product(norm(middle, 'norm2'), 'up', 4 * WIDTH)], 'active');
  const after = add('Add', [middle, product(active, 'down', WIDTH, 4 * WIDTH)], 'after');
  const row = norm(add('Gather', [after, 'last'], 'row', { axis: 0 }), 'norm3');
  weights['head'] = normal(random, [WIDTH, BYTES], 1);
  add('MatMul', [row, 'head'], 'logits');
  add('Cast', [add('ArgMax', ['logits'], 'greatest', { axis: 1, keepdims: 0 })], 'next', { to: DATATYPE_CODES.UINT8 });
  const inputs: TensorSpec[] = [{ name: 'text', datatype: 'UINT8', shape: [CONTEXT] }];
  return { random, graph: buildGraph({ opset: 20, inputs, nodes, initializers: weights, outputs: ['next'] }) };
}

async function lowered(activation: string) {
  const { random, graph } = textModel(activation);
  const feeds = Array.from({ length: 30 }, () => ({ text: random.bytes(CONTEXT) }));
  return importOnnx(lowerFloatModel({ graph, observations: await calibrate(graph, feeds), encodings: {} }));
}

/** Runs the decode graph in the executor: its inputs one after another are the input of the trace. */
function decoder({ graph, caches }: ReturnType<typeof decodeGraph>) {
  const compiled = compileModel(graph);
  const values = ['next', 'logits', ...caches.map(({ output }) => output)];
  return (inputs: ReadonlyMap<string, Uint8Array>) => {
    const trace = execute(compiled, Buffer.concat(compiled.inputs.map(({ name }) => inputs.get(name)!)));
    return new Map(values.map((name) => [name, canonicalBytes(valueIn(compiled, trace, name), name)]));
  };
}

describe.each(['Relu', 'Gelu'])('decoding a position at a time (%s)', (activation) => {
  it('scores every byte bit for bit as computing the whole text does', async () => {
    const whole = await lowered(activation);
    const compiled = compileModel(whole);
    const decoding = decodeGraph(whole, 'last');
    const run = decoder(decoding);

    fc.assert(
      fc.property(fc.uint8Array({ minLength: CONTEXT, maxLength: CONTEXT, min: 1 }), (text) => {
        let caches = decoding.caches.map(
          ({ input }) => [input.name, new Uint8Array(input.shape.reduce((product, dim) => product * dim, 1))] as const,
        );
        text.forEach((byte, position) => {
          const at = new Uint8Array(Int32Array.of(position).buffer);
          const answers = run(new Map([['text', Uint8Array.of(byte)], ['position', at], ...caches]));
          caches = decoding.caches.map(({ input, output }) => [input.name, answers.get(output)!.slice()] as const);

          const soFar = new Uint8Array(CONTEXT);
          soFar.set(text.subarray(0, position + 1));
          const trace = execute(compiled, soFar);
          for (const name of ['logits', 'next']) {
            expect(answers.get(name)).toEqual(canonicalBytes(valueIn(compiled, trace, name), name));
          }
        });
      }),
      { numRuns: 5, seed: 3 },
    );
  });

  it('writes the same text', async () => {
    const whole = await lowered(activation);
    const compiled = compileModel(whole);
    const decoding = decodeGraph(whole, 'last');
    const run = decoder(decoding);
    const recompute = (input: Uint8Array) => {
      const trace = execute(compiled, input);
      return canonicalBytes(valueIn(compiled, trace, 'next'), 'next');
    };
    const cached = {
      context: CONTEXT,
      next: 'next',
      caches: decoding.caches,
      run: async (i: ReadonlyMap<string, Uint8Array>) => run(i),
    };

    for (const prompt of ['', 'a', 'Ωm', 'seven b', 'eight by']) {
      const bytes = new TextEncoder().encode(prompt);
      expect(await generateCached(cached, bytes)).toEqual(
        await generateText({ context: CONTEXT, run: recompute }, bytes),
      );
    }
  });
});

describe('a graph that mixes positions otherwise', () => {
  it('is refused by node', () => {
    const graph = buildGraph({
      inputs: [{ name: 'text', datatype: 'UINT8', shape: [4] }],
      nodes: [{ operator: 'Reshape', inputs: ['text', 'square'], name: 'fold' }],
      initializers: { square: tensorOf('INT64', [2], [2, 2]) },
    });

    expect(() => decodeGraph(graph, 'last')).toThrow(/Node "fold" \(Reshape\) mixes positions of the text/);
  });
});
