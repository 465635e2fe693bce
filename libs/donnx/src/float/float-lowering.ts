import type { TensorDatatype } from '@openimo/domain';
import { refuse, type DonnxErrorCode } from '../error/refuse.js';
import type { Attribute, PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { DATATYPE_CODES, tensorOf, type Scalar, type Tensor } from '../tensor/tensor.js';
import { observe, type Observation } from './observation.js';

/** An 8-bit tensor that stands for real numbers: real = (element - zeroPoint) · scale. */
export interface Quantised {
  readonly name: string;
  readonly scale: number;
  readonly zeroPoint: number;
}

/** UINT8 weights and the FP32 total of each row. */
export interface Weighted {
  readonly weights: string;
  readonly total: string;
}

/** Operators that move elements and so carry 8-bit values as they are. */
export const CARRIERS: readonly string[] = [
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Slice',
  'Flatten',
];

/** Operators that bring their operand to 8 bits anyway. */
const IN_8_BITS: readonly string[] = [
  ...['MatMul', 'Gemm', 'Conv', 'MaxPool'],
  ...['Erf', 'Exp', 'Gelu', 'Sigmoid', 'Sqrt', 'Tanh'],
];

type Attributes = Readonly<Record<string, Attribute>>;

/**
 * Builds the dONNX graph of a float model. Every float value of the model becomes a value of the same name that is FP32 in
 * the new graph too; between them stand only operations that round once per element or are exact.
 */
export class FloatLowering {
  readonly nodes: PlainNode[] = [];
  readonly initializers = new Map<string, Tensor>();
  private readonly quantised = new Map<string, Quantised>();
  /** Softmax results that only weigh a sum: kept as weights and their total, see normalise.ts. */
  readonly weighted = new Map<string, Weighted>();
  /** Values that stand for gains · value + biases, which their readers' weights take up. */
  readonly folded = new Map<string, { readonly gains: readonly number[]; readonly biases: readonly number[] }>();
  /** Scores on their way to such a softmax, INT32: they are counted in this unit, and multiplied by it nowhere. */
  readonly units = new Map<string, number>();
  /** Nodes of the float model that another one has taken up. */
  readonly absorbed = new Set<PlainNode>();
  private readonly overruled = new Map<string, Observation>();
  private readonly consumers = new Map<string, PlainNode[]>();
  private readonly tables = new Map<readonly number[], string>();
  private count = 0;
  /** The node of the float model that is being lowered. */
  current: PlainNode | undefined;

  constructor(
    readonly graph: PlainGraph,
    private readonly observations: ReadonlyMap<string, Observation>,
  ) {
    for (const node of graph.nodes) {
      for (const input of node.inputs) this.consumers.set(input, [...(this.consumers.get(input) ?? []), node]);
    }
  }

  begin(node: PlainNode): void {
    this.current = node;
  }

  refuse(code: DonnxErrorCode, message: string): never {
    refuse(code, `${this.current?.where ?? 'The model'} ${message}`, { where: this.current?.where });
  }

  /** A weight of the float model, or undefined for a computed value. */
  weight(name: string): Tensor | undefined {
    return this.graph.initializers.get(name);
  }

  observation(name: string): Observation {
    const weight = this.weight(name);
    if (weight) {
      const observations = new Map<string, Observation>();
      observe(observations, name, weight.dims, Array.from(weight.data as ArrayLike<number>, Number));
      return observations.get(name) as Observation;
    }
    return (
      this.overruled.get(name) ??
      this.observations.get(name) ??
      this.refuse(
        'NotConstant',
        `needs to know what "${name}" ranges over. Run the calibration data through the model first.`,
      )
    );
  }

  /** Whether a value is FP32 in the float model, as far as calibration saw. */
  isFloat(name: string): boolean {
    return (this.weight(name)?.datatype ?? (this.observations.has(name) ? 'FP32' : '')) === 'FP32';
  }

  /** Says what a value ranges over where it is no longer that of the float model. */
  overrule(name: string, observation: Observation): void {
    this.overruled.set(name, observation);
  }

  /** Takes up the one node that reads `value`, if it combines it with a weight that fits. */
  absorb(
    value: string,
    operators: readonly string[],
    fits: (weight: Tensor) => boolean,
  ): { readonly node: PlainNode; readonly weight: Tensor } | undefined {
    const [node, ...others] = this.consumersOf(value);
    if (!node || others.length > 0 || !operators.includes(node.operator)) return undefined;
    const [a = '', b = ''] = node.inputs;
    if (a !== value && node.operator === 'Div') return undefined;
    const weight = this.weight(a === value ? b : a);
    if (!weight || !fits(weight)) return undefined;
    this.absorbed.add(node);
    return { node, weight };
  }

  dims(name: string): readonly number[] {
    return this.observation(name).dims;
  }

  constant(datatype: TensorDatatype, dims: readonly number[], values: readonly Scalar[]): string {
    const name = `donnx_c${this.count++}`;
    this.initializers.set(name, tensorOf(datatype, dims, values));
    return name;
  }

  float(value: number): string {
    return this.constant('FP32', [], [Math.fround(value)]);
  }

  shape(dims: readonly number[]): string {
    return this.constant('INT64', [dims.length], dims);
  }

  /** Adds a node and names its output. */
  emit(
    operator: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    output = `donnx_v${this.count++}`,
  ): string {
    this.copy({ operator, inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) });
    return output;
  }

  /** Adds a node with the weights that it reads. */
  copy(node: Pick<PlainNode, 'operator' | 'inputs' | 'outputs' | 'attributes'>): void {
    for (const input of node.inputs) {
      const weight = this.weight(input);
      if (weight) this.initializers.set(input, weight);
    }
    const name = `${this.current?.name || this.current?.operator || 'input'}/${node.operator}_${this.nodes.length}`;
    this.nodes.push({ ...node, name, where: `Node "${name}" (${node.operator})` });
  }

  cast(value: string, to: TensorDatatype): string {
    return this.emit('Cast', [value], { to: DATATYPE_CODES[to] });
  }

  times(value: string, factor: number): string {
    return this.emit('Mul', [value, this.float(factor)]);
  }

  clip(value: string, lo: number, hi: number): string {
    return this.emit('Clip', [value, this.float(lo), this.float(hi)]);
  }

  /** Integers in FP32: value / unit, rounded and clipped. */
  rounded(value: string, unit: number, lo: number, hi: number): string {
    return this.clip(this.emit('Round', [this.times(value, 1 / unit)]), lo, hi);
  }

  /** The value in 8 bits, over the range that it had in the calibration data. */
  quantise(value: string): Quantised {
    const known = this.quantised.get(value);
    if (known) return known;
    const quantised = this.quantiseAs(value, this.encodingOf(value));
    this.quantised.set(value, quantised);
    return quantised;
  }

  /** @param unit what one of `value` is worth */
  quantiseAs(value: string, encoding: Omit<Quantised, 'name'>, unit = 1): Quantised {
    const name = this.emit('QuantizeLinear', [value, this.float(encoding.scale / unit), this.zeroPoint(encoding)]);
    return { ...encoding, name };
  }

  /** The nodes that read a value; none for the model's outputs, which others read. */
  consumersOf(value: string): readonly PlainNode[] {
    return this.graph.outputs.includes(value) ? [] : (this.consumers.get(value) ?? []);
  }

  /** Whether a value is only ever needed in 8 bits, so that it need not exist in FP32. */
  isWantedIn8Bits(value: string): boolean {
    const consumers = this.consumersOf(value);
    return (
      consumers.length > 0 &&
      consumers.every(({ operator, inputs, outputs: [output = ''] }) => {
        if (CARRIERS.includes(operator)) return inputs[0] === value && this.isWantedIn8Bits(output);
        return IN_8_BITS.includes(operator) && !inputs.slice(2).includes(value);
      })
    );
  }

  /** The value in 8 bits where it exists in 8 bits only. */
  only8Bits(value: string): Quantised | undefined {
    return this.isWantedIn8Bits(value) ? this.quantised.get(value) : undefined;
  }

  /**
   * Takes up the one node that reads `value` if that is a Relu only needed in 8 bits, where it costs nothing: its range
   * starts at zero, and quantising cuts off what lies below. @returns the Relu's output
   */
  absorbRelu(value: string): string | undefined {
    const [node, ...others] = this.consumersOf(value);
    const [output = ''] = node?.outputs ?? [];
    if (node?.operator !== 'Relu' || others.length > 0 || !this.isWantedIn8Bits(output)) return undefined;
    this.absorbed.add(node);
    return output;
  }

  /** Scale and zero point for the range that the value had in the calibration data, zero included. */
  encodingOf(value: string): Omit<Quantised, 'name'> {
    const { lo, hi } = this.observation(value);
    const [least, most] = [Math.min(lo, 0), Math.max(hi, 0)];
    const scale = Math.fround((most - least) / 255 || 1);
    return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-least / scale))) };
  }

  /** Marks `name` as known in 8 bits already, as the model's inputs are. */
  remember(value: string, quantised: Quantised): void {
    this.quantised.set(value, quantised);
  }

  zeroPoint({ zeroPoint }: Pick<Quantised, 'zeroPoint'>): string {
    return this.constant('UINT8', [], [zeroPoint]);
  }

  /** `table[index]` for INT32 from 0 to the table's end. Faster than a Gather of scalars. */
  lookUp(
    index: string,
    dims: readonly number[],
    table: readonly number[],
    output?: string,
    datatype: 'FP32' | 'UINT8' = 'FP32',
  ): string {
    const flat = this.emit('Reshape', [index, this.shape([-1])]);
    const entries = this.table(datatype, table);
    const found = this.emit('GatherElements', [entries, flat], { axis: 0 });
    return this.emit('Reshape', [found, this.shape(dims)], {}, output);
  }

  /** A table as a constant; the same list of entries is stored once. */
  private table(datatype: TensorDatatype, entries: readonly number[]): string {
    let name = this.tables.get(entries);
    if (name === undefined) {
      name = this.constant(datatype, [entries.length], datatype === 'FP32' ? entries.map(Math.fround) : entries);
      this.tables.set(entries, name);
    }
    return name;
  }

  /** `table[index]` for the rows of a value: few, so that a Gather is as fast. */
  lookUpRows(index: string, table: readonly number[]): string {
    return this.emit('Gather', [this.table('FP32', table), index], { axis: 0 });
  }

  /** Sum over the last axes of integers in INT32. */
  sum(value: string, axes: readonly number[], keepdims: number): string {
    return this.emit('ReduceSum', [value, this.shape(axes)], { keepdims });
  }

  /** Node attributes that newer operator sets pass as an input. */
  reduce(operator: string, value: string, axes: readonly number[], keepdims = 1): string {
    if (this.graph.opset >= 18) return this.emit(operator, [value, this.shape(axes)], { keepdims });
    return this.emit(operator, [value], { axes, keepdims });
  }
}

/** Turns one node of a float model into nodes of the profile. */
export type Recipe = (lowering: FloatLowering, node: PlainNode) => void;
