import fc from 'fast-check';
import { compileModel } from '../model/compile-model.js';
import { execute, valueIn } from '../model/execute.js';
import { buildGraph } from '../onnx/build-graph.js';
import { canonicalBytes } from '../tensor/canonical.js';
import { tensorOf } from '../tensor/tensor.js';
import { CONTEXT, loweredTextModel } from '../testing/text-model.js';
import { decodeGraph } from './decode-graph.js';
import { generateCached } from './generate-cached.js';
import { generateText } from './generate-text.js';

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
    const whole = await loweredTextModel(activation);
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
    const whole = await loweredTextModel(activation);
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
