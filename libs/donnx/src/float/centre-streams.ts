import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { tensorOf, type Tensor } from '../tensor/tensor.js';

type Rename = (name: string) => string;

/**
 * The same model with residual streams of mean zero. What reads a stream through LayerNorm alone does not see the mean of
 * a row, and what writes it is linear, so the mean can be taken out of the writers' weights once instead of out of every
 * row (S. Ashkboos et al., SliceGPT, 2024, section 3.2). Changes nothing unless every stream of the graph allows it.
 */
export function centreStreams(graph: PlainGraph): PlainGraph {
  const streams = findStreams(graph);
  if (streams === undefined || streams.size === 0) return graph;
  const initializers = new Map(graph.initializers);
  const centred = (axis: 'rows' | 'columns'): Rename => {
    return (name) => {
      const tensor = graph.initializers.get(name) as Tensor;
      const renamed = `${name}/centred ${axis}`;
      initializers.set(renamed, axis === 'rows' ? centreRows(tensor) : centreColumns(tensor));
      return renamed;
    };
  };
  const nodes = graph.nodes.map((node) =>
    streams.has(node.outputs[0] ?? '') ? { ...node, inputs: centreInputs(node, streams, centred) } : node,
  );
  return { ...graph, nodes, initializers };
}

function centreInputs(node: PlainNode, streams: ReadonlySet<string>, centred: (axis: 'rows' | 'columns') => Rename) {
  const { operator, inputs, attributes } = node;
  const [a = '', b = '', c = ''] = inputs;
  if (operator === 'MatMul') return [a, centred('rows')(b)];
  if (operator === 'Gemm') {
    return [a, centred(attributes.get('transB') ? 'columns' : 'rows')(b), ...(c ? [centred('rows')(c)] : [])];
  }
  if (operator === 'Gather') return streams.has(a) ? inputs : [centred('rows')(a), b];
  return inputs.map((name) => (streams.has(name) ? name : centred('rows')(name)));
}

/** All values that hold a residual stream, or undefined where something else reads or writes one. */
function findStreams(graph: PlainGraph): ReadonlySet<string> | undefined {
  const { nodes, initializers, outputs } = graph;
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const readers = new Map<string, PlainNode[]>();
  for (const node of nodes) for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);

  const norms = nodes.filter(({ operator, attributes }) => {
    return operator === 'LayerNormalization' && Number(attributes.get('axis') ?? -1) === -1;
  });
  const widths = new Set(norms.map(({ inputs }) => initializers.get(inputs[1] ?? '')?.data.length));
  const [width] = widths;
  if (widths.size !== 1 || width === undefined) return undefined;
  const isRow = (name: string) => initializers.get(name)?.dims.at(-1) === width;

  const streams = new Set<string>();
  const open = norms.map(({ inputs }) => inputs[0] ?? '');
  while (open.length > 0) {
    const value = open.pop() as string;
    if (streams.has(value)) continue;
    streams.add(value);
    const producer = producers.get(value);
    if (producer === undefined || outputs.includes(value)) return undefined;
    const written = writtenFrom(producer, initializers, isRow);
    if (written === undefined) return undefined;
    open.push(...written);
    for (const reader of readers.get(value) ?? []) {
      if (reader.operator === 'LayerNormalization' && norms.includes(reader) && reader.inputs[0] === value) continue;
      if (reader.operator !== 'Add' && !(reader.operator === 'Gather' && passesRows(reader, value))) return undefined;
      open.push(reader.outputs[0] as string);
    }
  }
  return streams;
}

/** The streams that a stream is made of, none where a product or a table makes it; undefined where nothing known does. */
function writtenFrom(
  node: PlainNode,
  initializers: ReadonlyMap<string, Tensor>,
  isRow: (name: string) => boolean,
): readonly string[] | undefined {
  const [a = '', b = '', c = ''] = node.inputs;
  switch (node.operator) {
    case 'Add':
      if ([a, b].some((name) => initializers.has(name) && !isRow(name))) return undefined;
      return [a, b].filter((name) => !initializers.has(name));
    case 'MatMul':
      return isRow(b) && initializers.get(b)?.dims.length === 2 ? [] : undefined;
    case 'Gemm': {
      const matrix = initializers.get(b);
      const plain = matrix?.dims.length === 2 && (c === '' || isRow(c));
      return plain && (node.attributes.get('transB') || isRow(b)) ? [] : undefined;
    }
    case 'Gather':
      if (initializers.has(a)) return isRow(a) && !node.attributes.get('axis') ? [] : undefined;
      return passesRows(node, a) ? [a] : undefined;
    default:
      return undefined;
  }
}

function passesRows({ inputs, attributes }: PlainNode, value: string): boolean {
  return inputs[0] === value && !attributes.get('axis');
}

function centreRows({ dims, data }: Tensor): Tensor {
  const width = dims.at(-1) as number;
  const means = Array.from({ length: data.length / width }, (_, row) => mean(data, row * width, 1, width));
  return shifted({ dims, data }, (at) => means[Math.floor(at / width)] as number);
}

function centreColumns({ dims, data }: Tensor): Tensor {
  const [rows, columns] = dims as [number, number];
  const means = Array.from({ length: columns }, (_, column) => mean(data, column, columns, rows));
  return shifted({ dims, data }, (at) => means[at % columns] as number);
}

function mean(data: Tensor['data'], from: number, stride: number, count: number): number {
  let sum = 0;
  for (let at = 0; at < count; at++) sum += Number(data[from + at * stride]);
  return sum / count;
}

function shifted({ dims, data }: Omit<Tensor, 'datatype'>, by: (at: number) => number): Tensor {
  const values = Array.from(data as ArrayLike<number>, (value, at) => Math.fround(value - by(at)));
  return tensorOf('FP32', dims, values);
}
