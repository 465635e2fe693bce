import { datatypeBytes, type TensorDatatype } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { compileModel, type CheckedGraph } from '../model/compile-model.js';
import { execute, outputOf } from '../model/execute.js';
import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { roundHalfEven } from '../steps/numbers.js';
import type { Tensor } from '../tensor/tensor.js';
import { ancestorsOf } from './ancestors.js';
import {
  combineSpread,
  entriesOf,
  everywhere,
  isPoint,
  mapSpread,
  spreadOf,
  type Range,
  type Spread,
} from './spread.js';

/**
 * What a value is made of. `rows`: row r of `axis` of positions up to r alone. `last`: of positions up to the last one of the
 * text. With `spread` the last axis has a column for every position, and nothing that counts depends on later ones yet.
 */
type Kind =
  | { readonly of: 'constant' }
  | {
      readonly of: 'rows' | 'last';
      /** Of rows: which axis counts them. */
      readonly axis: number;
      /** Merged to one axis; what its axes were. */
      readonly flat?: readonly number[];
      readonly spread?: Spread;
      /** Of a maximum over columns: what it can be. */
      readonly peak?: Range;
      /** One row of this constant. */
      readonly rowOf?: Tensor;
    };
type Made = Exclude<Kind, { of: 'constant' }>;

const LAST: Made = { of: 'last', axis: -1 };
const BY_ELEMENT = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Clip', 'Relu', 'Round', 'Floor', 'Ceil', 'Where', 'Cast', 'Identity'],
];
const INTEGER_BOUNDS: Readonly<Partial<Record<TensorDatatype, Range>>> = {
  UINT8: { lo: 0, hi: 255 },
  INT8: { lo: -128, hi: 127 },
};

/**
 * Proves that a text model computes every position from those before it, for every text without a byte 0 in it, whatever the
 * weights: then `decodeGraph` answers as the whole graph does. Columns of later positions may hold anything until they are
 * masked; where a row is summed or weighed they must have become one number that adds nothing. Whoever publishes a model
 * could otherwise make one that decodes differently on an input of its choosing, and have honest operators convicted.
 *
 * @param last name of the value that says where the text ends
 * @throws DomainError naming the node where the proof ends
 */
export function proveCausal(whole: PlainGraph, last: string, compiled: CheckedGraph = compileModel(whole)): void {
  new Proof(whole, last, compiled).run();
}

class Proof {
  readonly #kinds = new Map<string, Kind>();
  readonly #context: number;

  constructor(
    private readonly whole: PlainGraph,
    private readonly last: string,
    private readonly compiled: CheckedGraph,
  ) {
    const [text] = whole.inputs;
    if (whole.inputs.length !== 1 || text?.datatype !== 'UINT8' || text.shape.length !== 1) {
      refuse('ShapeMismatch', 'Such a model does not read one text, UINT8 [context]. It is decoded whole.');
    }
    this.#context = text.shape[0] as number;
    for (const name of whole.initializers.keys()) this.#kinds.set(name, { of: 'constant' });
    this.#kinds.set(text.name, { of: 'rows', axis: 0 });
  }

  run(): void {
    proveLast(this.whole, this.last, this.#context);
    const before = ancestorsOf(this.whole, this.last);
    for (const node of this.whole.nodes) {
      if (node.outputs.includes(this.last)) this.#kinds.set(this.last, LAST);
      // What says where the text ends may look at all of it.
      else if (before.has(node) && !this.#isReadOutside(node, before)) continue;
      else this.#judge(node);
    }
    for (const name of this.whole.outputs) {
      const kind = this.#kinds.get(name);
      if (kind?.of !== 'last' || kind.spread) {
        refuse('ShapeMismatch', `Output "${name}" is not of the last position alone. Such a model is decoded whole.`);
      }
    }
  }

  #isReadOutside({ outputs }: PlainNode, before: ReadonlySet<PlainNode>): boolean {
    return this.whole.nodes.some((node) => !before.has(node) && node.inputs.some((name) => outputs.includes(name)));
  }

  #judge(node: PlainNode): void {
    const kinds = node.inputs.map((name) => (name === '' ? ({ of: 'constant' } as const) : this.#kinds.get(name)));
    if (kinds.some((kind) => kind === undefined)) return this.#refuse(node);
    const kind = this.#kindOf(node, kinds as Kind[]);
    if (kind.of === 'rows' && !kind.flat) {
      for (const name of node.outputs) if (this.#dims(name)[kind.axis] !== this.#context) this.#refuse(node);
    }
    for (const name of node.outputs) this.#kinds.set(name, kind);
  }

  #kindOf(node: PlainNode, kinds: readonly Kind[]): Kind {
    const made = kinds.filter((kind) => kind.of !== 'constant');
    if (made.length === 0) return { of: 'constant' };
    if (node.operator === 'Gather') return this.#gather(node, kinds);
    if (node.operator === 'MatMulInteger') return this.#product(node, kinds);
    // Nothing of positions is left: decoding computes it with the same nodes.
    if (made.every(({ of, spread }) => of === 'last' && !spread)) return LAST;
    if (BY_ELEMENT.includes(node.operator)) return this.#byElement(node, kinds);
    const [first] = kinds as [Kind];
    if (first.of === 'constant' && node.operator !== 'GatherElements') return this.#refuse(node);
    switch (node.operator) {
      case 'Reshape':
        return this.#reshape(node, first as Made);
      case 'Transpose':
        return this.#transpose(node, kinds);
      case 'Split':
        return this.#alongOther(node, kinds, [Number(node.attributes.get('axis') ?? 0)], true);
      case 'com.microsoft.QGemm':
        return this.#gemm(node, kinds);
      case 'QuantizeLinear':
      case 'DequantizeLinear':
        return this.#quantize(node, kinds);
      case 'ReduceSum':
      case 'ReduceSumSquare':
      case 'ReduceMax':
        return this.#reduce(node, kinds);
      case 'ArgMax':
        return this.#alongOther(node, kinds, [Number(node.attributes.get('axis') ?? 0)], this.#keeps(node));
      case 'GatherElements':
        return this.#lookUp(node, kinds);
      default:
        return this.#refuse(node);
    }
  }

  #gather(node: PlainNode, [data, index]: readonly Kind[]): Kind {
    const [from = '', at = ''] = node.inputs;
    if (Number(node.attributes.get('axis') ?? 0) !== 0 || !data || !index) return this.#refuse(node);
    if (data.of === 'constant' && index.of === 'last' && !index.spread) {
      return { ...LAST, rowOf: at === this.last ? this.whole.initializers.get(from) : undefined };
    }
    if (data.of === 'constant' && index.of === 'rows' && !index.flat && !index.spread && index.axis === 0) {
      return { of: 'rows', axis: 0 };
    }
    if (data.of === 'rows' && data.axis === 0 && !data.flat && !data.spread && at === this.last) return LAST;
    if ([data, index].every((kind) => kind.of === 'constant' || (kind.of === 'last' && !kind.spread))) return LAST;
    return this.#refuse(node);
  }

  #product(node: PlainNode, [a, b, ...zeroPoints]: readonly Kind[]): Kind {
    if (!a || !b || zeroPoints.some(({ of }) => of !== 'constant')) return this.#refuse(node);
    const [left = '', right = '', zeroOfLeft = '', zeroOfRight = ''] = node.inputs;
    const [rank, length] = [this.#dims(node.outputs[0]).length, this.#dims(left).at(-1) as number];
    if (a.of === 'constant' || a.flat || (b.of !== 'constant' && b.flat)) return this.#refuse(node);
    const isRowwise = a.of === 'last' || a.axis === this.#dims(left).length - 2;
    const query: Made = a.of === 'last' ? LAST : { of: 'rows', axis: rank - 2 };
    if (!isRowwise) return this.#refuse(node);
    if (b.of === 'constant') return !a.spread || isPoint(a.spread.later) ? query : this.#refuse(node);
    if (b.of === 'last') return a.of === 'last' && !a.spread && !b.spread ? LAST : this.#refuse(node);
    if (b.spread) return this.#refuse(node);
    const axes = this.#dims(right).length;
    if (b.axis === axes - 1 && !a.spread) {
      const operands = [this.#shifted(left, zeroOfLeft), this.#shifted(right, zeroOfRight)] as const;
      const one = combineSpread(everywhere(operands[0]), everywhere(operands[1]), (x, y) => x * y);
      return { ...query, spread: mapSpread(one, (value) => value * length) };
    }
    // What weighs the rows of later positions is the zero point, so that they weigh nothing.
    if (b.axis === axes - 2 && a.spread && isPoint(a.spread.later)) {
      return a.spread.later.lo === this.#scalar(zeroOfLeft, node) ? query : this.#refuse(node);
    }
    return this.#refuse(node);
  }

  /** All that an 8-bit value less its zero point can be. */
  #shifted(name: string, zeroPoint: string): Range {
    const bounds = INTEGER_BOUNDS[this.#datatype(name)] ?? refuse('DatatypeNotAllowed', `"${name}" is not of 8 bits.`);
    const zero = this.#scalar(zeroPoint);
    return { lo: bounds.lo - zero, hi: bounds.hi - zero };
  }

  #byElement(node: PlainNode, kinds: readonly Kind[]): Kind {
    if (kinds.some((kind) => kind.of !== 'constant' && kind.spread)) return this.#bySpread(node, kinds);
    const [output] = node.outputs;
    const rank = this.#dims(output).length;
    const axes = new Set<number>();
    for (const [at, kind] of kinds.entries()) {
      const name = node.inputs[at] as string;
      if (kind.of === 'last') return this.#refuse(node);
      if (kind.of === 'rows') axes.add(kind.flat ? kind.axis : kind.axis + rank - this.#dims(name).length);
      else if (name !== '' && this.#count(name) > 1 && kinds.some((one) => one.of === 'rows' && one.flat)) {
        return this.#refuse(node);
      }
    }
    const [axis, ...others] = [...axes];
    const rows = kinds.filter((kind): kind is Made => kind.of === 'rows');
    const flat = rows[0]?.flat;
    const isAlike = rows.every((kind) => kind.flat?.join() === flat?.join());
    if (axis === undefined || others.length > 0 || !isAlike) return this.#refuse(node);
    // A row count of one would be stretched over all positions.
    for (const [at, kind] of kinds.entries()) {
      if (kind.of === 'rows' && !kind.flat && this.#dims(node.inputs[at])[kind.axis] !== this.#context)
        this.#refuse(node);
    }
    return { of: 'rows', axis, flat };
  }

  /** Columns for every position, with masks, maxima and numbers that are the same for all. */
  #bySpread(node: PlainNode, kinds: readonly Kind[]): Kind {
    const { operator, inputs, outputs } = node;
    const [a, b] = kinds as [Kind, Kind | undefined];
    const made = kinds.find((kind): kind is Made => kind.of !== 'constant' && kind.spread !== undefined) as Made;
    const isFloat = this.#datatype(outputs[0] as string) === 'FP32';
    const round = (value: number) => (isFloat ? Math.fround(value) : value);
    const own = made.flat ? '' : this.#dims(inputs[kinds.indexOf(made)]).join();
    if (!made.flat && own !== this.#dims(outputs[0]).join()) return this.#refuse(node);
    if (a === made && operator === 'Identity') return made;
    if (a === made && operator === 'Cast') {
      const toInteger = !isFloat && this.#datatype(inputs[0] as string) === 'FP32';
      return { ...made, spread: mapSpread(made.spread!, toInteger ? Math.trunc : round) };
    }
    if (a === made && operator === 'Clip') {
      const bound = (at: number, none: number) => (inputs[at] ? this.#scalar(inputs[at], node) : none);
      const [least, most] = [bound(1, -Infinity), bound(2, Infinity)];
      return { ...made, spread: mapSpread(made.spread!, (value) => Math.min(most, Math.max(least, value))) };
    }
    if (b === undefined || kinds.length !== 2 || !['Add', 'Sub', 'Mul'].includes(operator)) return this.#refuse(node);
    const [x, y] = [this.#spreadOf(node, 0, a, made), this.#spreadOf(node, 1, b, made)];
    const combine = { Add: (p: number, q: number) => p + q, Sub: (p: number, q: number) => p - q }[operator as 'Add'];
    const operation = combine ?? ((p: number, q: number) => p * q);
    return { ...made, spread: combineSpread(x, y, (p, q) => round(operation(p, q))) };
  }

  #spreadOf(node: PlainNode, at: number, kind: Kind, made: Made): Spread {
    const name = node.inputs[at] as string;
    if (kind === made) return made.spread!;
    const dims = this.#dims(name);
    if (kind.of === 'constant') {
      const tensor = this.whole.initializers.get(name) ?? this.#refuse(node);
      // Laid out as rows and columns, it says nothing about one row, nor about elements in one axis.
      if ((made.of === 'last' || made.flat) && tensor.data.length > 1) return this.#refuse(node);
      return spreadOf(tensor, this.#context);
    }
    if (kind.of !== made.of || kind.flat || made.flat) return this.#refuse(node);
    if (kind.rowOf && made.of === 'last') return spreadOf(kind.rowOf, this.#context);
    const isOfRow = kind.of === 'last' || kind.axis === made.axis + dims.length - this.#dims(node.outputs[0]).length;
    if (kind.peak && isOfRow && dims.at(-1) === 1) return everywhere(kind.peak);
    return this.#refuse(node);
  }

  #reshape(node: PlainNode, kind: Made): Kind {
    const from = kind.flat ?? this.#dims(node.inputs[0]);
    const to = this.#dims(node.outputs[0]);
    if (kind.flat) return from.join() === to.join() ? { ...kind, flat: undefined } : this.#refuse(node);
    if (to.length === 1 && from.length > 1) return { ...kind, flat: from };
    if (kind.of === 'last' || kind.spread) return this.#refuse(node);
    const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
    const before = count(from.slice(0, kind.axis));
    const axis = to.findIndex((size, at) => size === this.#context && count(to.slice(0, at)) === before);
    return axis < 0 ? this.#refuse(node) : { of: 'rows', axis };
  }

  #transpose(node: PlainNode, [kind]: readonly Kind[]): Kind {
    const order = node.attributes.get('perm') as readonly number[] | undefined;
    if (kind?.of !== 'rows' || kind.spread || kind.flat || !order) return this.#refuse(node);
    return { of: 'rows', axis: order.indexOf(kind.axis) };
  }

  /** An operator that works along axes that are not the positions. */
  #alongOther(node: PlainNode, [kind, ...others]: readonly Kind[], axes: readonly number[], keeps: boolean): Kind {
    if (kind?.of !== 'rows' || kind.spread || kind.flat) return this.#refuse(node);
    const rank = this.#dims(node.inputs[0]).length;
    const along = axes.map((axis) => (axis < 0 ? axis + rank : axis));
    const isClear = along.every((axis) => axis !== kind.axis && (keeps || axis > kind.axis));
    if (!isClear || others.some(({ of }) => of !== 'constant')) return this.#refuse(node);
    return { of: 'rows', axis: kind.axis };
  }

  #gemm(node: PlainNode, [kind, ...others]: readonly Kind[]): Kind {
    const isPlain = !node.attributes.get('transA') && others.every(({ of }) => of === 'constant');
    if (kind?.of !== 'rows' || kind.axis !== 0 || kind.flat || kind.spread || !isPlain) return this.#refuse(node);
    // A bias of as many rows would have to be cut to one.
    const bias = node.inputs[6];
    if (bias && this.#dims(bias).length > 1 && this.#dims(bias)[0] !== 1) return this.#refuse(node);
    return { of: 'rows', axis: 0 };
  }

  #quantize(node: PlainNode, [kind, ...parameters]: readonly Kind[]): Kind {
    const [, scale = '', zeroPoint = ''] = node.inputs;
    if (!kind || kind.of === 'constant') return this.#refuse(node);
    const isScalar = [scale, zeroPoint].every((name) => name === '' || this.#count(name) === 1);
    const isConstant = parameters.every(({ of }) => of === 'constant');
    if (kind.spread) {
      if (!isScalar || !isConstant || node.operator !== 'QuantizeLinear') return this.#refuse(node);
      const [step, zero] = [this.#scalar(scale, node), this.#scalar(zeroPoint)];
      const { lo, hi } = INTEGER_BOUNDS[this.#datatype(node.outputs[0] as string)] as Range;
      const quantize = (x: number) => Math.min(hi, Math.max(lo, roundHalfEven(Math.fround(x / step)) + zero));
      return step > 0 ? { ...kind, spread: mapSpread(kind.spread, quantize) } : this.#refuse(node);
    }
    if (kind.of === 'last') return this.#refuse(node);
    if (isScalar && isConstant) return { of: 'rows', axis: kind.axis, flat: kind.flat };
    const along = Number(node.attributes.get('axis') ?? 1);
    if (kind.flat || along < 0) return this.#refuse(node);
    for (const [at, name] of [scale, zeroPoint].entries()) {
      const parameter = parameters[at];
      if (!parameter || name === '') continue;
      const isOwn = parameter.of === 'rows' && parameter.axis === 0 && !parameter.flat && !parameter.spread;
      if (parameter.of === 'constant' ? along === kind.axis && !this.#isUniform(name) : !isOwn || along !== kind.axis) {
        return this.#refuse(node);
      }
    }
    return { of: 'rows', axis: kind.axis };
  }

  #reduce(node: PlainNode, kinds: readonly Kind[]): Kind {
    const [kind] = kinds as [Made];
    const given = this.whole.initializers.get(node.inputs[1] ?? '')?.data ?? node.attributes.get('axes');
    if (given === undefined) return this.#refuse(node);
    const axes = Array.from(given as ArrayLike<number | bigint>, Number);
    if (!kind.spread) return this.#alongOther(node, kinds, axes, this.#keeps(node));
    const rank = this.#dims(node.inputs[0]).length;
    const isOverColumns = axes.length === 1 && [-1, rank - 1].includes(axes[0] as number) && this.#keeps(node);
    if (!isOverColumns || kind.flat) return this.#refuse(node);
    const { seen, later } = kind.spread;
    const { of, axis } = kind;
    if (node.operator === 'ReduceMax') {
      return later.hi <= seen.lo ? { of, axis, peak: seen } : this.#refuse(node);
    }
    return isPoint(later) ? { of, axis } : this.#refuse(node);
  }

  #lookUp(node: PlainNode, [data, index]: readonly Kind[]): Kind {
    const table = this.whole.initializers.get(node.inputs[0] as string);
    if (data?.of !== 'constant' || !table || table.dims.length !== 1 || !index || index.of === 'constant') {
      return this.#refuse(node);
    }
    if (!index.spread) return { of: index.of, axis: index.axis, flat: index.flat };
    const { seen, later } = index.spread;
    const { of, axis, flat } = index;
    return { of, axis, flat, spread: { seen: entriesOf(table, seen), later: entriesOf(table, later) } };
  }

  #keeps({ attributes }: PlainNode): boolean {
    return Number(attributes.get('keepdims') ?? 1) === 1;
  }

  #dims(name = ''): readonly number[] {
    const { inputs, initializers } = this.whole;
    if (name === inputs[0]?.name) return inputs[0].shape;
    return initializers.get(name)?.dims ?? this.compiled.values.get(name)?.dims ?? [];
  }

  #datatype(name: string): TensorDatatype {
    const value = this.whole.initializers.get(name) ?? this.compiled.values.get(name) ?? this.whole.inputs[0];
    return value!.datatype;
  }

  #count(name: string): number {
    return this.#dims(name).reduce((product, size) => product * size, 1);
  }

  /** A constant that is one number; 0 where it is left out. */
  #scalar(name: string, node?: PlainNode): number {
    if (name === '') return 0;
    const tensor = this.whole.initializers.get(name);
    if (tensor && this.#isUniform(name)) return Number(tensor.data[0]);
    return node ? this.#refuse(node) : refuse('NotConstant', `"${name}" is not one number.`);
  }

  #isUniform(name: string): boolean {
    const tensor = this.whole.initializers.get(name);
    const elements = Array.from((tensor?.data ?? []) as ArrayLike<number | bigint>);
    return elements.length > 0 && elements.every((element) => element === elements[0]);
  }

  #refuse({ where }: PlainNode): never {
    refuse('OperatorNotAllowed', `${where} may read later positions of the text. Such a model is decoded whole.`, {
      where,
    });
  }
}

/** The end of the text is where its bytes end: tried for every length, which is all there is to it. */
function proveLast(whole: PlainGraph, last: string, context: number): void {
  const nodes = [...ancestorsOf(whole, last)];
  const [text] = whole.inputs as [PlainGraph['inputs'][number]];
  const asBits = (node: PlainNode) => node.operator === 'Cast' && node.attributes.get('to') === 9;
  if (nodes.length === 0 || nodes.some((node) => node.inputs.includes(text.name) && !asBits(node))) {
    refuse('NotConstant', `"${last}" depends on more than the length of the text. Such a model is decoded whole.`);
  }
  const graph = compileModel({ ...whole, outputs: [last], nodes });
  const [output] = graph.outputs;
  if (output?.datatype !== 'INT32' || output.shape.join() !== '1') {
    refuse('ShapeMismatch', `"${last}" is not INT32 [1]. Such a model is decoded whole.`);
  }
  for (let length = 0; length <= context; length++) {
    const input = new Uint8Array(context * datatypeBytes(text.datatype)).fill(1, 0, length);
    const answer = outputOf(graph, execute(graph, input));
    if (new DataView(answer.buffer, answer.byteOffset).getInt32(0, true) === Math.max(0, length - 1)) continue;
    refuse('ShapeMismatch', `"${last}" is not where a text of ${length} bytes ends. Such a model is decoded whole.`);
  }
}
