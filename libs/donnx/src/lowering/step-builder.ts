import { datatypeBytes, type TensorDatatype, type TensorSpec } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { kernelOperand } from '../steps/addressing.js';
import {
  MAX_DOT_LENGTH,
  MAX_RANK,
  MAX_REDUCE_LENGTH,
  Opcode,
  type Constant,
  type Source,
  type Step,
  type StepInput,
} from '../steps/step.js';
import { canonicalBytes } from '../tensor/canonical.js';
import { allocate, MAX_TENSOR_BYTES, productOf, tensorOf, type Scalar, type Tensor } from '../tensor/tensor.js';
import { collapseAxes } from './collapse.js';
import { broadcastTo, isContiguous, restride, wholeOf, type Value } from './value.js';

interface StepParts {
  readonly length?: number;
  readonly params?: readonly [number, number, number];
  /** An axis that must stay an axis of its own. */
  readonly keep?: number;
  readonly bounds?: readonly number[];
}

/** Collects the steps and constants of a step graph while a model is lowered into it. */
export class StepBuilder {
  readonly steps: Step[] = [];
  readonly constants: Constant[] = [];
  /** What messages call the part of the model that is being lowered. */
  where = 'The input';

  private readonly ofTensor = new Map<Tensor, Source>();

  /** The graph's inputs as views of step 0, which holds their canonical bytes one after another. */
  inputs(specs: readonly TensorSpec[]): Value[] {
    let offset = 0;
    const values = specs.map(({ datatype, shape }) => {
      const value = { ...wholeOf({ kind: 'step', id: 0 }, datatype, shape), offset };
      offset += productOf(shape) * datatypeBytes(datatype);
      return value;
    });
    this.checkSize('UINT8', [offset]);
    const where = this.where;
    this.steps.push({
      op: Opcode.Input,
      datatype: 'UINT8',
      dims: [offset],
      length: 0,
      params: [0, 0, 0],
      inputs: [],
      where,
    });
    return values;
  }

  /** A view of a constant. The same tensor object is committed once. */
  constant(name: string, tensor: Tensor): Value {
    let source = this.ofTensor.get(tensor);
    if (source === undefined) {
      source = { kind: 'constant', id: this.constants.length };
      this.constants.push({ name, tensor });
      this.ofTensor.set(tensor, source);
    }
    return wholeOf(source, tensor.datatype, tensor.dims);
  }

  /** A constant that the profile derives from the model's own, such as a combined scale. */
  derived(suffix: string, datatype: TensorDatatype, dims: readonly number[], values: readonly Scalar[]): Value {
    return this.constant(`${this.where} ${suffix}`, tensorOf(datatype, dims, values));
  }

  /** A step whose operands are `values`, each broadcast to `dims` already; the result is whole and row-major. */
  emit(
    op: Opcode,
    datatype: TensorDatatype,
    dims: readonly number[],
    values: readonly Value[],
    parts: StepParts = {},
  ): Value {
    const { length = 0, params = [0, 0, 0], keep = -1, bounds = [] } = parts;
    const axes = collapseAxes(
      dims,
      values.map(({ strides }) => strides),
      keep,
    );
    if (axes.dims.length > MAX_RANK) {
      refuse(
        'TooLarge',
        `${this.where} moves data along ${axes.dims.length} axes at once and the profile has ${MAX_RANK}. Reshape to fewer axes first.`,
        { where: this.where },
      );
    }
    this.checkSize(datatype, dims);
    const inputs = values.map(({ source, datatype: read, offset }, operand): StepInput => ({
      source,
      datatype: read,
      offset,
      strides: axes.strides[operand] as readonly number[],
      bound: bounds[operand] ?? 0,
    }));
    const { where } = this;
    // Concat says which axis its operands follow one another on.
    const placed = op === Opcode.Concat && keep >= 0 ? ([axes.kept, 0, 0] as const) : params;
    this.steps.push({ op, datatype, dims: axes.dims, length, params: placed, inputs, where });
    return wholeOf({ kind: 'step', id: this.steps.length - 1 }, datatype, dims);
  }

  /** One operation per element of the broadcast operands. */
  elementwise(
    op: Opcode,
    datatype: TensorDatatype,
    dims: readonly number[],
    values: readonly Value[],
    params?: readonly [number, number, number],
  ): Value {
    return this.emit(
      op,
      datatype,
      dims,
      values.map((value) => broadcastTo(value, dims)),
      params && { params },
    );
  }

  /** The view as a tensor of its own, row-major. */
  copy(value: Value): Value {
    if (value.source.kind === 'constant') return this.copiedConstant(value);
    return this.copyOf(value);
  }

  /** A step that copies the view, also of a constant. */
  copyOf(value: Value): Value {
    return this.emit(Opcode.Concat, value.datatype, value.dims, [value]);
  }

  /** The view itself where the axes from `from` on are contiguous, else a copy. */
  contiguous(value: Value, from = 0): Value {
    return isContiguous(value, from) ? value : this.copy(value);
  }

  /** The view under another shape with as many elements. */
  reshape(value: Value, dims: readonly number[]): Value {
    const whole = this.contiguous(value);
    return restride(whole, dims, wholeOf(whole.source, whole.datatype, dims).strides);
  }

  /** Operands one after another along `axis`. */
  concat(dims: readonly number[], axis: number, values: readonly Value[]): Value {
    if (values.length === 1) return values[0] as Value;
    let start = 0;
    const placed = values.map((value) => {
      const at = start;
      start += value.dims[axis] as number;
      return { bound: start, value: { ...value, offset: value.offset - at * (value.strides[axis] as number) } };
    });
    const [first] = values as [Value];
    return this.emit(
      Opcode.Concat,
      first.datatype,
      dims,
      placed.map(({ value }) => value),
      {
        keep: axis,
        bounds: placed.map(({ bound }) => bound),
      },
    );
  }

  /**
   * Reduces the last axis, which is contiguous, of the operands; all have the dimensions `dims` and `length` more. Where
   * one proof would have to read too much, partial results come first.
   */
  reduce(
    op: Opcode,
    datatype: TensorDatatype,
    dims: readonly number[],
    operands: readonly Value[],
    length: number,
    [p0, p1]: readonly [number, number] = [0, 0],
  ): Value {
    const most = op === Opcode.Dot ? MAX_DOT_LENGTH : MAX_REDUCE_LENGTH;
    const outer = operands.map((value) => restride(value, dims, value.strides.slice(0, dims.length)));
    if (length <= most) return this.emit(op, datatype, dims, outer, { length, params: [p0, p1, length] });
    const segments = Math.ceil(length / most);
    const cut = outer.map((value) =>
      restride(value, [...dims, segments], [...value.strides, most * datatypeBytes(value.datatype)]),
    );
    const partial = this.emit(op, datatype, [...dims, segments], cut, {
      length: most,
      params: [p0, p1, length],
      keep: dims.length,
    });
    return this.reduce(op === Opcode.MaxOf ? op : Opcode.Sum, datatype, dims, [partial], segments);
  }

  /** The elements of a view of a constant; undefined where the value depends on the input. */
  constantOf(value: Value): Tensor | undefined {
    if (value.source.kind !== 'constant') return undefined;
    const { tensor } = this.constants[value.source.id] as Constant;
    const bytes = canonicalBytes(tensor, this.where);
    const { data, index } = kernelOperand(value.dims, value, bytes);
    const out = allocate(value.datatype, index.length);
    for (let at = 0; at < index.length; at++) out[at] = data[index[at] as number] as never;
    return { datatype: value.datatype, dims: value.dims, data: out };
  }

  /** Refuses a tensor that the profile has no room for. */
  private checkSize(datatype: TensorDatatype, dims: readonly number[]): void {
    const bytes = productOf(dims) * datatypeBytes(datatype);
    if (bytes <= MAX_TENSOR_BYTES) return;
    refuse(
      'TooLarge',
      `${this.where} makes a tensor of ${bytes} bytes; the profile has room for ${MAX_TENSOR_BYTES}. Cut it into smaller ones.`,
      { where: this.where },
    );
  }

  private copiedConstant(value: Value): Value {
    this.checkSize(value.datatype, value.dims);
    const tensor = this.constantOf(value) as Tensor;
    return this.constant(`${(this.constants[value.source.id] as Constant).name} rearranged`, tensor);
  }
}
