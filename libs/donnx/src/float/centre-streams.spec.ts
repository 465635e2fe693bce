import type { PlainGraph } from '../onnx/plain-graph.js';
import { tensorOf } from '../tensor/tensor.js';
import { normal, runFloat } from '../testing/float-models.js';
import { buildGraph, type NodeParts } from '../onnx/build-graph.js';
import { Random } from '../testing/random.js';
import { centreStreams } from './centre-streams.js';

const [ROWS, WIDTH] = [3, 8];
const ids = { name: 'x', datatype: 'INT64', shape: [ROWS] } as const;

/** A table, positions, a norm, a product and a Gemm that write to the stream, and what reads it at the end. */
function modelOf(end: readonly NodeParts[]): PlainGraph {
  const random = new Random(5);
  const draw = (...dims: number[]) => normal(random, dims, 1);
  return buildGraph({
    inputs: [ids],
    nodes: [
      { operator: 'Gather', inputs: ['table', 'x'], outputs: ['embedded'] },
      { operator: 'Add', inputs: ['embedded', 'positions'], outputs: ['s0'] },
      { operator: 'LayerNormalization', inputs: ['s0', 'g', 'b'], outputs: ['n0'], attributes: { axis: -1 } },
      { operator: 'MatMul', inputs: ['n0', 'w'], outputs: ['m'] },
      { operator: 'Add', inputs: ['s0', 'm'], outputs: ['s1'] },
      { operator: 'LayerNormalization', inputs: ['s1', 'g', 'b'], outputs: ['n1'], attributes: { axis: -1 } },
      { operator: 'Gemm', inputs: ['n1', 'v', 'c'], outputs: ['h'], attributes: { transB: 1 } },
      { operator: 'Add', inputs: ['h', 's1'], outputs: ['s2'] },
      ...end,
    ],
    initializers: {
      table: draw(5, WIDTH),
      positions: draw(ROWS, WIDTH),
      g: draw(WIDTH),
      b: draw(WIDTH),
      w: draw(WIDTH, WIDTH),
      v: draw(WIDTH, WIDTH),
      c: draw(WIDTH),
      last: tensorOf('INT64', [1], [2]),
    },
  });
}

const norm: NodeParts = { operator: 'LayerNormalization', inputs: ['s2', 'g', 'b'], attributes: { axis: -1 } };
const feeds = [{ x: BigInt64Array.of(4n, 0n, 2n) }];
const run = async (graph: PlainGraph, name: string, shape: number[] = [ROWS, WIDTH]) =>
  (await runFloat({ ...graph, outputs: [name] }, { name, datatype: 'FP32', shape }, feeds))[0]!;

describe('centreStreams', () => {
  it('leaves every answer as it was, and rows of mean zero on the way', async () => {
    const graph = modelOf([norm]);

    const centred = centreStreams(graph);

    const [before, after] = [await run(graph, 'y'), await run(centred, 'y')];
    after.forEach((value, at) => expect(value).toBeCloseTo(before[at]!, 4));
    for (const stream of ['s0', 's1', 's2']) {
      const rows = await run(centred, stream);
      for (let row = 0; row < ROWS; row++) {
        const sum = rows.slice(row * WIDTH, (row + 1) * WIDTH).reduce((total, value) => total + value, 0);
        expect(Math.abs(sum)).toBeLessThan(1e-4);
      }
    }
  });

  it('follows a stream through the rows that are picked from it', async () => {
    const graph = modelOf([
      { operator: 'Gather', inputs: ['s2', 'last'], outputs: ['row'], attributes: { axis: 0 } },
      { ...norm, inputs: ['row', 'g', 'b'] },
    ]);

    const centred = centreStreams(graph);

    expect(centred).not.toBe(graph);
    const [before, after] = [await run(graph, 'y', [1, WIDTH]), await run(centred, 'y', [1, WIDTH])];
    after.forEach((value, at) => expect(value).toBeCloseTo(before[at]!, 4));
  });

  it('keeps weights that are read elsewhere too', () => {
    const graph = modelOf([
      { ...norm, outputs: ['n2'] },
      { operator: 'Gemm', inputs: ['n2', 'table'], attributes: { transB: 1 } },
    ]);

    const { initializers, nodes } = centreStreams(graph);

    expect(initializers.get('table')).toEqual(graph.initializers.get('table'));
    expect(nodes.at(-1)!.inputs[1]).toBe('table');
    expect(nodes[0]!.inputs[0]).not.toBe('table');
  });

  it.each<[string, NodeParts[]]>([
    ['something else reads it', [{ operator: 'Relu', inputs: ['s2'], outputs: ['r'] }, norm]],
    [
      'something not linear writes it',
      [
        { operator: 'Relu', inputs: ['h'], outputs: ['r'] },
        { operator: 'Add', inputs: ['r', 's2'], outputs: ['s3'] },
        { ...norm, inputs: ['s3', 'g', 'b'] },
      ],
    ],
  ])('changes nothing where %s', (_, end) => {
    const graph = modelOf(end);

    expect(centreStreams(graph)).toBe(graph);
  });

  it('changes nothing where it is an answer', () => {
    const graph = { ...modelOf([norm]), outputs: ['y', 's1'] };

    expect(centreStreams(graph)).toBe(graph);
  });
});
