import { tensorOf } from '../tensor/tensor.js';
import { buildGraph, type NodeParts } from '../onnx/build-graph.js';
import type { Observation } from './observation.js';
import { undoQdq } from './undo-qdq.js';

const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 2] }] as const;
const seen: Observation = { dims: [1, 2], lo: -9, hi: 1, channels: { lo: [-9, 0], hi: [0, 1] }, rowMean: 4 };
const scalars = { s: tensorOf('FP32', [], [0.5]), z: tensorOf('INT8', [], [-126]) };

const pair: NodeParts[] = [
  { operator: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['q'], name: 'down' },
  { operator: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['d'], name: 'up' },
];

describe('undoQdq', () => {
  it('takes out a pair and keeps what it clips to as the range of its value', () => {
    const qdq = buildGraph({
      inputs,
      initializers: scalars,
      nodes: [...pair, { operator: 'Relu', inputs: ['d'], name: 'relu' }],
    });

    const { graph, observations } = undoQdq(qdq, new Map([['x', seen]]));

    expect(graph.nodes.map(({ operator, inputs: from }) => [operator, ...from])).toEqual([['Relu', 'x']]);
    // (-128 + 126) · 0.5 and (127 + 126) · 0.5
    expect(observations.get('x')).toEqual({
      dims: [1, 2],
      lo: -1,
      hi: 126.5,
      channels: { lo: [-1, 0], hi: [0, 1] },
      rowMean: 4,
    });
  });

  it('dequantises weights, with a scale for all or one per channel', () => {
    const qdq = buildGraph({
      inputs,
      initializers: {
        w: tensorOf('INT8', [2, 2], [1, 2, -3, 4]),
        each: tensorOf('FP32', [2], [0.5, 2]),
        zeros: tensorOf('INT8', [2], [0, 1]),
        b: tensorOf('INT32', [2], [100, -100]),
        unit: tensorOf('FP32', [], [0.25]),
      },
      nodes: [
        { operator: 'DequantizeLinear', inputs: ['w', 'each', 'zeros'], outputs: ['columns'], attributes: { axis: 1 } },
        { operator: 'DequantizeLinear', inputs: ['w', 'each', 'zeros'], outputs: ['rows'], attributes: { axis: -2 } },
        { operator: 'DequantizeLinear', inputs: ['b', 'unit'], outputs: ['bias'] },
        { operator: 'Gemm', inputs: ['x', 'columns', 'bias'] },
      ],
    });

    const { graph } = undoQdq(qdq, new Map());

    expect(graph.nodes.map(({ operator }) => operator)).toEqual(['Gemm']);
    expect(graph.initializers.get('columns')).toEqual(tensorOf('FP32', [2, 2], [0.5, 2, -1.5, 6]));
    expect(graph.initializers.get('rows')).toEqual(tensorOf('FP32', [2, 2], [0.5, 1, -8, 6]));
    expect(graph.initializers.get('bias')).toEqual(tensorOf('FP32', [2], [25, -25]));
  });

  it('leaves a float model alone', () => {
    const graph = buildGraph({ inputs, nodes: [{ operator: 'Relu', inputs: ['x'] }] });

    expect(undoQdq(graph, new Map()).graph).toEqual(graph);
  });

  it('refuses a quantised value that something else reads', () => {
    const graph = buildGraph({
      inputs,
      initializers: scalars,
      nodes: [pair[0]!, { operator: 'Identity', inputs: ['q'] }],
    });

    expect(() => undoQdq(graph, new Map())).toThrow(/Node "down" \(QuantizeLinear\) is no pair.*QDQ format/);
  });

  it('refuses activations with a scale per channel', () => {
    const graph = buildGraph({
      inputs,
      initializers: { s: tensorOf('FP32', [2], [0.5, 1]), z: tensorOf('INT8', [2], [0, 0]) },
      nodes: [...pair, { operator: 'Relu', inputs: ['d'] }],
    });

    expect(() => undoQdq(graph, new Map([['x', seen]]))).toThrow(/Node "down".*per tensor/);
  });
});
