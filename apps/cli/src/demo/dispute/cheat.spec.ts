import { commitModel, commitTrace, compileModel, execute, outputOf, sha256, stepInput, tensorOf } from '@openimo/donnx';
import { buildGraph } from '@openimo/donnx/testing';
import { planCheat, type CheatOptions } from './cheat.js';

const CONTEXT = 16;
const after = (byte: number) => (byte < 97 || byte >= 121 ? 0 : byte + 1);
/** Says the alphabet on, to its y: looks the last byte of the text up in a table. */
const alphabet = buildGraph({
  inputs: [{ name: 'text', datatype: 'UINT8', shape: [CONTEXT] }],
  nodes: [
    { operator: 'Cast', inputs: ['text'], outputs: ['written'], attributes: { to: 9 } },
    { operator: 'Cast', inputs: ['written'], outputs: ['ones'], attributes: { to: 6 } },
    { operator: 'ReduceSum', inputs: ['ones', 'axis'], outputs: ['length'], attributes: { keepdims: 1 } },
    { operator: 'Sub', inputs: ['length', 'one'], outputs: ['before'] },
    { operator: 'Max', inputs: ['before', 'zero'], outputs: ['last'] },
    { operator: 'Gather', inputs: ['text', 'last'], outputs: ['byte'], attributes: { axis: 0 } },
    { operator: 'Cast', inputs: ['byte'], outputs: ['index'], attributes: { to: 6 } },
    { operator: 'Gather', inputs: ['table', 'index'], outputs: ['next'], attributes: { axis: 0 } },
  ],
  initializers: {
    axis: tensorOf('INT64', [1], [0]),
    one: tensorOf('INT32', [1], [1]),
    zero: tensorOf('INT32', [1], [0]),
    table: tensorOf(
      'UINT8',
      [256],
      Array.from({ length: 256 }, (_, byte) => after(byte)),
    ),
  },
  outputs: ['next'],
});
const model = commitModel(compileModel(alphabet), sha256(Uint8Array.of(1)));
const { graph, commitment } = model;
const run = async (input: Uint8Array) => outputOf(graph, execute(graph, input));
const prompt = new TextEncoder().encode('abc');
const MOST_NEW_BYTES = 6;
const plan = (options: CheatOptions = {}) =>
  planCheat(model, run, prompt, MOST_NEW_BYTES, { node: commitment.outNode, ...options });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('a planned lie', () => {
  it('is one wrong letter, and what honestly follows from it', async () => {
    const { right, asserted, step } = await plan({ step: 2 });

    expect(text(right)).toBe('defghi');
    expect(text(asserted.subarray(0, step))).toBe('de');
    expect(asserted[step]).not.toBe(right[step]);
    for (let later = step + 1; later < asserted.length; later++) {
      const [next] = await run(stepInput(CONTEXT, prompt, asserted.subarray(0, later)));
      expect(next).toBe(asserted[later]);
    }
  });

  it('comes from one flipped bit of the element that was asked for, computed honestly before and after', async () => {
    const node = commitment.outNode;
    const { trace, asserted, right, ...cheat } = await plan({ step: 1, node, element: 0 });
    const honest = commitTrace(execute(graph, stepInput(CONTEXT, prompt, right.subarray(0, 1))));

    expect(cheat).toMatchObject({ step: 1, node, element: 0 });
    const differing = honest.trees.flatMap(({ root }, at) =>
      Buffer.compare(root, trace.trees[at]!.root) === 0 ? [] : [at],
    );
    expect(differing).toEqual([node]);
    const flipped = Number(cheat.honest) ^ Number(cheat.faulty);
    expect(Math.log2(flipped) % 1).toBe(0);
    expect(trace.trace[node]).toEqual(asserted.subarray(1, 2));
  });

  it('changes the byte as well where the element alone changes nothing', async () => {
    // One more byte counts as written; the model would end the text there, and no letter comes out.
    const { step, node, trace, isByteForged, right, asserted } = await plan({ node: 1, element: 15 });

    expect(isByteForged).toBe(true);
    expect(asserted[step]).not.toBe(right[step]);
    const honest = commitTrace(execute(graph, stepInput(CONTEXT, prompt, right.subarray(0, step))));
    const first = honest.trees.findIndex(({ root }, at) => Buffer.compare(root, trace.trees[at]!.root) !== 0);
    expect(first).toBe(node);
  });

  it.each([
    [{ step: 6 }, '--step is 6; it goes from 0 to 5.'],
    [{ node: 0 }, /^--node is 0; it goes from 1 to \d+\.$/],
    [{ node: commitment.outNode, element: 1 }, '--element is 1; it goes from 0 to 0.'],
    [{ element: Number.NaN }, /^--element is NaN/],
    [{ step: 0.5 }, /^--step is 0.5/],
  ])('is refused where there is no such element: %p', async (options, message) => {
    await expect(plan(options)).rejects.toMatchObject({
      code: 'NoSuchElement',
      message: expect.stringMatching(message),
    });
  });
});
