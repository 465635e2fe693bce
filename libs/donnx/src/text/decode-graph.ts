import type { TensorSpec } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { compileModel } from '../model/compile-model.js';
import type { Attribute, PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { DATATYPE_CODES, tensorOf, type Tensor } from '../tensor/tensor.js';

/** A value of the whole text: which of its axes counts the positions, and what it was before its axes were merged. */
interface Rows {
  readonly axis: number;
  readonly dims: readonly number[];
  readonly isFlat?: boolean;
}

export interface DecodeGraph {
  /** Reads one byte, its position and the caches; answers as the whole graph does for the text up to there, and the caches. */
  readonly graph: PlainGraph;
  /** Cache inputs and the outputs that take their place in the next step; all zero before the first. */
  readonly caches: readonly { readonly input: TensorSpec; readonly output: string }[];
}

/** Operators that work position by position wherever the positions are; the last line is that of float models. */
const BY_POSITION = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Clip', 'Relu', 'Round', 'Floor', 'Ceil', 'Where', 'Cast', 'Identity'],
  ...['QuantizeLinear', 'DequantizeLinear', 'ReduceSum', 'ReduceSumSquare', 'ReduceMax', 'ArgMax', 'GatherElements'],
  ...['MatMulInteger', 'com.microsoft.QGemm', 'Split'],
  ...['MatMul', 'Gemm', 'LayerNormalization', 'Softmax', 'Gelu'],
];

type Shape = Pick<TensorSpec, 'datatype'> & { readonly dims: readonly number[] };

/**
 * The graph that decodes one position of a text at a time. A causal model computes each position from those before it, so
 * only what later positions read of it has to be kept: the 8-bit right-hand sides of products between activations, that is
 * keys and values. Every element is computed by the same operations on the same numbers as in the whole graph, so both
 * answer with the same bytes; disputes use the whole graph.
 *
 * @param whole from one UINT8 text, as long as the context
 * @param last name of the value that holds the last position of the text, INT32 [1]
 * @param shapeOf what each value is; for models outside of the profile, such as float originals to compare with
 * @example
 * const { graph, caches } = decodeGraph(importOnnx(file), 'last');
 */
export function decodeGraph(whole: PlainGraph, last: string, shapeOf = shapesInProfile(whole)): DecodeGraph {
  return new Decoding(whole, last, shapeOf).build();
}

function shapesInProfile(whole: PlainGraph): (name: string) => Shape | undefined {
  let values: ReturnType<typeof compileModel>['values'] | undefined;
  return (name) => (values ??= compileModel(whole).values).get(name);
}

class Decoding {
  private readonly nodes: PlainNode[] = [];
  private readonly initializers: Map<string, Tensor>;
  private readonly rows = new Map<string, Rows>();
  private readonly caches: DecodeGraph['caches'][number][] = [];
  private readonly held = new Map<string, string>();
  private readonly context: number;
  private readonly text: TensorSpec;

  constructor(
    private readonly whole: PlainGraph,
    private readonly last: string,
    private readonly shapeOf: (name: string) => Shape | undefined,
  ) {
    this.initializers = new Map(whole.initializers);
    [this.text] = whole.inputs as [TensorSpec];
    [this.context] = this.text.shape as [number];
    this.rows.set(this.text.name, { axis: 0, dims: this.text.shape });
  }

  build(): DecodeGraph {
    const end = this.constant('INT32', [], [this.context - 1]);
    const start = this.constant('INT32', [], [0]);
    this.emit('Clip', ['position', start, end], this.last);
    const before = this.before(this.last);
    for (const node of this.whole.nodes) if (!before.has(node)) this.decode(node);
    const inputs: TensorSpec[] = [
      { ...this.text, shape: [1] },
      { name: 'position', datatype: 'INT32', shape: [1] },
      ...this.caches.map(({ input }) => input),
    ];
    const outputs = [...this.whole.outputs, ...this.caches.map(({ output }) => output)];
    const { opset } = this.whole;
    const read = new Set([...this.nodes.flatMap((node) => node.inputs), ...outputs]);
    const initializers = new Map([...this.initializers].filter(([name]) => read.has(name)));
    return { graph: { opset, inputs, outputs, nodes: this.nodes, initializers }, caches: this.caches };
  }

  private dimsOf(name: string): readonly number[] {
    const { initializers } = this.whole;
    if (name === this.text.name) return this.text.shape;
    return initializers.get(name)?.dims ?? this.shapeOf(name)?.dims ?? [];
  }

  /** The nodes that a value is made by and nothing else needs: the position is given instead. */
  private before(value: string): ReadonlySet<PlainNode> {
    const found = new Set<PlainNode>();
    const open = [value];
    while (open.length > 0) {
      const name = open.pop() as string;
      const producer = this.whole.nodes.find(({ outputs }) => outputs.includes(name));
      const readers = this.whole.nodes.filter(({ inputs }) => inputs.includes(name));
      if (!producer || (name !== value && readers.some((reader) => !found.has(reader)))) continue;
      found.add(producer);
      open.push(...producer.inputs);
    }
    return found;
  }

  private decode(node: PlainNode): void {
    const { operator, inputs, outputs, attributes } = node;
    const [first = '', second = ''] = inputs;
    const isAtLast = operator === 'Gather' && second === this.last && !attributes.get('axis');
    if (isAtLast && this.rows.has(first)) {
      this.push({ ...node, operator: 'Identity', inputs: [first], attributes: new Map() });
      return;
    }
    if (!inputs.some((name) => this.rows.has(name))) {
      this.push(node);
      return;
    }
    if (operator === 'Reshape') return this.reshape(node);
    if (operator === 'Transpose') return this.transpose(node);
    if (operator === 'Gather') {
      if (!this.whole.initializers.has(first) || attributes.get('axis')) this.refuse(node);
      return this.pushRows(node, { axis: 0, dims: this.dimsOf(outputs[0] as string) });
    }
    if (!BY_POSITION.includes(operator)) this.refuse(node);
    if ((operator === 'MatMulInteger' || operator === 'MatMul') && this.rows.has(second)) {
      const kept = { ...node, inputs: inputs.with(1, this.cached(second)) };
      return this.rows.has(first) ? this.pushRows(kept, this.rowsOf(node, [first])) : this.push(kept);
    }
    const rows = this.rowsOf(node, inputs);
    const aligned = inputs.map((name) => this.atPosition(name, node, rows));
    this.pushRows({ ...node, inputs: aligned }, rows);
  }

  /** Where a node's result counts positions: as its operands do, aligned at the last axis. */
  private rowsOf(node: PlainNode, operands: readonly string[]): Rows {
    const [name] = operands.filter((operand) => this.rows.has(operand)) as [string];
    const { axis, isFlat, ...rows } = this.rows.get(name) as Rows;
    if (isFlat) return { axis, isFlat, ...rows };
    const dims = this.dimsOf(node.outputs[0] as string);
    const keeps = Number(node.attributes.get('keepdims') ?? 1) === 1 || axis < dims.length;
    const reduces = node.operator.startsWith('Reduce') || node.operator === 'ArgMax';
    const shifted = reduces ? axis : axis + dims.length - this.dimsOf(name).length;
    if (!keeps || dims[shifted] !== this.context) this.refuse(node);
    return { axis: shifted, dims };
  }

  private reshape(node: PlainNode): void {
    const [value = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const from = this.rows.get(value) as Rows;
    const dims = this.dimsOf(output);
    if (dims.length === 1 && this.dimsOf(value).length > 1) {
      this.push({ ...node, inputs: [value, this.constant('INT64', [1], [-1])] });
      this.rows.set(output, { ...from, isFlat: true });
      return;
    }
    const axis = from.isFlat ? from.axis : axisAfter(from, dims);
    if (axis === undefined || dims[axis] !== this.context || (from.isFlat && dims.join() !== from.dims.join())) {
      return this.refuse(node);
    }
    this.pushRows(
      { ...node, inputs: [value, this.constant('INT64', [dims.length], dims.with(axis, 1))] },
      { axis, dims },
    );
  }

  private transpose(node: PlainNode): void {
    const [value = ''] = node.inputs;
    const order = node.attributes.get('perm') as readonly number[];
    const { axis } = this.rows.get(value) as Rows;
    this.pushRows(node, { axis: order.indexOf(axis), dims: this.dimsOf(node.outputs[0] as string) });
  }

  /** What an operand is at the position: constants along the positions are looked up there. */
  private atPosition(name: string, node: PlainNode, rows: Rows): string {
    const tensor = this.whole.initializers.get(name);
    if (tensor === undefined || rows.isFlat) return name;
    if (node.operator === 'QuantizeLinear' && tensor.dims.length === 1) {
      // Zero points, all the same.
      return rows.axis === Number(node.attributes.get('axis') ?? 1)
        ? this.constant(tensor.datatype, [1], [tensor.data[0] as number])
        : name;
    }
    if (!['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Where'].includes(node.operator)) return name;
    const axis = rows.axis - (rows.dims.length - tensor.dims.length);
    if (axis < 0 || tensor.dims[axis] === 1) return name;
    return this.emit('Gather', [name, this.last], `${name}/${node.name}/at position`, { axis });
  }

  /** All positions of a value: those before from its cache, this one put in its place. */
  private cached(name: string): string {
    const known = this.held.get(name);
    if (known !== undefined) return known;
    const { axis, dims } = this.rows.get(name) as Rows;
    const at = this.caches.length;
    const input: TensorSpec = { name: `cache${at}`, datatype: this.shapeOf(name)?.datatype ?? 'UINT8', shape: dims };
    const output = this.emit('Where', [this.mark(axis, dims.length), name, input.name], `cache${at}_next`);
    this.caches.push({ input, output });
    this.held.set(name, output);
    return output;
  }

  /** True at the position, along one axis of several. */
  private mark(axis: number, rank: number): string {
    const name = `mark ${axis} of ${rank}`;
    if (!this.held.has(name)) {
      const { context } = this;
      const eye = Array.from({ length: context ** 2 }, (_, at) => (at % context === Math.floor(at / context) ? 1 : 0));
      const row = this.emit('Gather', [this.constant('UINT8', [context, context], eye), this.last], `${name}/row`);
      const marked = this.emit('Cast', [row], `${name}/bool`, { to: DATATYPE_CODES.BOOL });
      const shape = new Array<number>(rank).fill(1).with(axis, context);
      this.held.set(name, this.emit('Reshape', [marked, this.constant('INT64', [rank], shape)], name));
    }
    return name;
  }

  private pushRows(node: PlainNode, rows: Rows): void {
    for (const output of node.outputs)
      this.rows.set(output, rows.isFlat ? rows : { ...rows, dims: this.dimsOf(output) });
    this.push(node);
  }

  private push(node: PlainNode): void {
    this.nodes.push(node);
  }

  private emit(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Record<string, Attribute> = {},
  ): string {
    const where = `Node "${output}" (${operator})`;
    this.push({
      operator,
      inputs,
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
      name: output,
      where,
    });
    return output;
  }

  private constant(
    datatype: Tensor['datatype'],
    dims: readonly number[],
    values: readonly (number | bigint)[],
  ): string {
    const name = `decode_c${this.initializers.size}`;
    this.initializers.set(name, tensorOf(datatype, dims, values));
    return name;
  }

  private refuse({ where }: PlainNode): never {
    refuse('OperatorNotAllowed', `${where} mixes positions of the text. Such a model is decoded whole.`, { where });
  }
}

/** The axis of other dimensions that has as many elements before it. */
function axisAfter({ axis, dims }: Rows, other: readonly number[]): number | undefined {
  const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const before = count(dims.slice(0, axis));
  const found = other.findIndex((_, at) => count(other.slice(0, at)) === before && other[at] === dims[axis]);
  return found < 0 ? undefined : found;
}
