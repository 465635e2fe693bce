import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from '@openimo/donnx/onnx';
import { describeNode } from './check-nodes.js';
import { DATATYPES, checkTensor, elementsOf, integerElements, refuseTooLarge } from './tensor-data.js';

/** What is known about the graph's values before it runs. */
interface Known {
  /** Integer tensors whose elements the file holds. */
  readonly constants: ReadonlyMap<string, readonly bigint[]>;
  /** Number of elements of values with a declared shape. */
  readonly elements: ReadonlyMap<string, bigint>;
}

// Shapes are short; longer constants are weights and not worth reading here.
const MAX_SHAPE_LENGTH = 64;

/**
 * Refuses tensors beyond `maxBytes` that a small file asks for: by declaring a shape, or by operators that make much
 * out of little from constants in the file. What a graph computes from computed shapes shows when it runs, under the
 * memory limit of its process.
 */
export function checkSizes(graph: GraphProto, maxBytes: number): void {
  const known = collectKnown(graph, maxBytes);
  for (const value of [...graph.valueInfo, ...graph.output]) {
    const where = `Value "${value.name ?? ''}"`;
    const elements = declaredElements(value, where);
    const bytes = (elements ?? 0n) * BigInt(DATATYPES[value.type?.tensorType?.elemType ?? 0]?.bytes ?? 1);
    if (bytes > BigInt(maxBytes)) refuseTooLarge(where, bytes, maxBytes);
  }
  graph.node.forEach((node, index) => {
    const where = describeNode(node, index);
    for (const { t, tensors } of node.attribute) {
      for (const tensor of t === undefined ? tensors : [t, ...tensors]) {
        checkTensor(tensor, `The tensor of ${where}`, maxBytes);
      }
    }
    const bytes = minimumOutputBytes(node, known);
    if (bytes > BigInt(maxBytes)) refuseTooLarge(where, bytes, maxBytes);
  });
}

/** A lower bound of the output, in bytes, for operators that can grow; 0 when nothing is known. */
function minimumOutputBytes(node: NodeProto, { constants, elements }: Known): bigint {
  const constant = (position: number) => constants.get(node.input[position] ?? '');
  const size = (position: number) => elements.get(node.input[position] ?? '') ?? 1n;
  switch (node.opType) {
    case 'ConstantOfShape': {
      const fill = node.attribute.find(({ name }) => name === 'value')?.t;
      return product(constant(0)) * BigInt(DATATYPES[fill?.dataType ?? 1]?.bytes ?? 1);
    }
    case 'Expand':
      return product(constant(1));
    case 'Tile':
      return size(0) * product(constant(1));
    case 'Resize':
      return product(constant(3));
    case 'OneHot':
      return size(0) * product(constant(1));
    case 'Pad':
      return growthByPads(constant(1));
    case 'Range': {
      const [start, limit, delta] = [constant(0)?.[0], constant(1)?.[0], constant(2)?.[0]];
      if (start === undefined || limit === undefined || !delta) return 0n;
      return (limit - start) / delta;
    }
    default:
      return 0n;
  }
}

function product(shape: readonly bigint[] | undefined): bigint {
  return (shape ?? [0n]).reduce((all, dim) => all * (dim < 0n ? 1n : dim), 1n);
}

/** Every dimension of the output is at least its two pads plus an element. */
function growthByPads(pads: readonly bigint[] | undefined): bigint {
  if (pads === undefined || pads.length % 2 !== 0) return 0n;
  const rank = pads.length / 2;
  return product(
    pads
      .slice(0, rank)
      .map((begin, axis) => begin + (pads[rank + axis] as bigint))
      .map((pad) => (pad > 0n ? pad : 1n)),
  );
}

function collectKnown(graph: GraphProto, maxBytes: number): Known {
  const constants = new Map<string, readonly bigint[]>();
  const elements = new Map<string, bigint>();
  const addTensor = (name: string, tensor: TensorProto) => {
    const count = BigInt(checkTensor(tensor, `Tensor "${name}"`, maxBytes));
    elements.set(name, count);
    if (count > MAX_SHAPE_LENGTH) return;
    const values = integerElements(tensor);
    if (values !== undefined) constants.set(name, values);
  };
  for (const value of [...graph.valueInfo, ...graph.input]) {
    const count = declaredElements(value, `Value "${value.name ?? ''}"`);
    if (count !== undefined) elements.set(value.name ?? '', count);
  }
  for (const tensor of graph.initializer) addTensor(tensor.name ?? '', tensor);
  for (const node of graph.node) {
    if (node.opType !== 'Constant') continue;
    const name = node.output[0] ?? '';
    for (const attribute of node.attribute) {
      if (attribute.t !== undefined) addTensor(name, attribute.t);
      const values = integersOf(attribute);
      if (values !== undefined) constants.set(name, values);
    }
  }
  return { constants, elements };
}

function integersOf({ name, i, ints }: AttributeProto): readonly bigint[] | undefined {
  if (name === 'value_int' && i !== undefined) return [i];
  return name === 'value_ints' ? ints.slice(0, MAX_SHAPE_LENGTH) : undefined;
}

/** Elements of a value whose every dimension is declared as a number. */
function declaredElements({ type }: ValueInfoProto, where: string): bigint | undefined {
  const dims = type?.tensorType?.shape?.dim.map(({ dimValue }) => dimValue);
  if (dims === undefined || dims.includes(undefined)) return undefined;
  // Some exporters write -1 or 0 for an open dimension of an intermediate value.
  if (dims.some((dim) => (dim as bigint) < 0n)) return undefined;
  return elementsOf(dims as bigint[], where);
}
