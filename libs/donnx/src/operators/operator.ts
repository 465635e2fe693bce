import type { TensorDatatype } from '@openimo/domain';
import { refuse, type DonnxErrorCode } from '../error/refuse.js';
import type { StepBuilder } from '../lowering/step-builder.js';
import { broadcastDims, type Value } from '../lowering/value.js';
import type { PlainNode } from '../onnx/plain-graph.js';
import type { Tensor } from '../tensor/tensor.js';

/** An ONNX operator of the profile: what it admits, the shape it makes and the steps it becomes. */
export interface Operator {
  /** Least and most inputs. */
  readonly inputs: readonly [least: number, most: number];
  /** Attributes it may have; any other is refused, since it might change the meaning. */
  readonly attributes: readonly string[];
  /** Checks the node, infers its shapes and lowers it; one value per output. */
  lower(node: NodeInLowering): Value[];
}

/** One node while it is lowered: its operands and attributes, checked as they are asked for. */
export class NodeInLowering {
  constructor(
    readonly plain: PlainNode,
    readonly opset: number,
    readonly builder: StepBuilder,
    private readonly operands: readonly (Value | undefined)[],
  ) {}

  get where(): string {
    return this.plain.where;
  }

  get count(): number {
    return this.operands.length;
  }

  input(position: number): Value {
    return (
      this.optional(position) ?? this.refuse('ModelMalformed', `lacks its input ${position}. Export the model again.`)
    );
  }

  optional(position: number): Value | undefined {
    return this.operands[position];
  }

  /** An input that the file holds. */
  constant(position: number): Tensor {
    const value = this.input(position);
    return (
      this.builder.constantOf(value) ??
      this.refuse('NotConstant', `computes its input ${position}. Store it in the file as an initializer.`)
    );
  }

  optionalConstant(position: number): Tensor | undefined {
    return this.optional(position) && this.constant(position);
  }

  /** The elements of a constant input, such as axes or a shape. */
  integers(position: number): number[] | undefined {
    const tensor = this.optionalConstant(position);
    return tensor && Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  }

  /** The one value that all elements of a constant input have; 0 when it is left out. */
  uniform(position: number, what: string): number {
    const tensor = this.optionalConstant(position);
    if (tensor === undefined) return 0;
    const [first] = tensor.data;
    for (let at = 0; at < tensor.data.length; at++) {
      if (tensor.data[at] !== first) {
        this.refuse('AttributeNotAllowed', `has more than one ${what}. Quantise with a single one per tensor.`);
      }
    }
    return Number(first);
  }

  integer(name: string, otherwise: number): number {
    return this.attribute(name, 'number', otherwise);
  }

  text(name: string, otherwise: string): string {
    return this.attribute(name, 'string', otherwise);
  }

  list(name: string): readonly number[] | undefined {
    const value = this.plain.attributes.get(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.refuse('ModelMalformed', `has an attribute "${name}" of the wrong kind.`);
    return value as readonly number[];
  }

  private attribute<T>(name: string, kind: string, otherwise: T): T {
    const value = this.plain.attributes.get(name) ?? otherwise;
    if (typeof value !== kind) this.refuse('ModelMalformed', `has an attribute "${name}" of the wrong kind.`);
    return value as T;
  }

  /** Refuses an attribute value that the profile does not have. */
  requireAttribute(name: string, expected: number | string, remedy: string): void {
    const value = this.plain.attributes.get(name) ?? expected;
    if (value !== expected) this.refuse('AttributeNotAllowed', `has ${name} = ${String(value)}. ${remedy}`);
  }

  requireDatatype({ datatype }: Pick<Value, 'datatype'>, admitted: readonly TensorDatatype[], remedy: string): void {
    if (!admitted.includes(datatype)) {
      this.refuse(
        'DatatypeNotAllowed',
        `works on ${datatype}; the profile has it for ${admitted.join(', ')}. ${remedy}`,
      );
    }
  }

  /** An axis counted from the front. */
  axis(axis: number, rank: number): number {
    const found = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(axis) || found < 0 || found >= rank) {
      this.refuse('ShapeMismatch', `names axis ${axis} of a tensor with ${rank} axes.`);
    }
    return found;
  }

  broadcast(values: readonly Value[]): number[] {
    return (
      broadcastDims(values.map(({ dims }) => dims)) ??
      this.refuse('ShapeMismatch', `combines shapes ${values.map(({ dims }) => `[${dims.join(', ')}]`).join(' and ')}.`)
    );
  }

  /** Refuses the node: `Node "x" (Op) ` and then `message`. */
  refuse(code: DonnxErrorCode, message: string): never {
    refuse(code, `${this.where} ${message}`, { where: this.where, operator: this.plain.operator });
  }
}
