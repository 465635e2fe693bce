import type { TensorDatatype } from '@openimo/domain';
import { refuse } from '../../error/refuse.js';
import type { CheckedGraph } from '../../model/compile-model.js';
import type { PlainGraph, PlainNode } from '../../onnx/plain-graph.js';
import type { Range } from '../spread.js';

/** All that values of a datatype of 8 bits can be. */
export const INTEGER_BOUNDS: Readonly<Partial<Record<TensorDatatype, Range>>> = {
  UINT8: { lo: 0, hi: 255 },
  INT8: { lo: -128, hi: 127 },
};

/** What the graph says of its values, for the rules by which they are judged. */
export class CausalFacts {
  /** Bytes of text that the model reads. */
  readonly context: number;

  /** @param last name of the value that says where the text ends */
  constructor(
    readonly whole: PlainGraph,
    readonly last: string,
    private readonly compiled: CheckedGraph,
  ) {
    const [text] = whole.inputs;
    if (whole.inputs.length !== 1 || text?.datatype !== 'UINT8' || text.shape.length !== 1) {
      refuse('ShapeMismatch', 'Such a model does not read one text, UINT8 [context]. It is decoded whole.');
    }
    this.context = text.shape[0] as number;
  }

  keeps({ attributes }: PlainNode): boolean {
    return Number(attributes.get('keepdims') ?? 1) === 1;
  }

  dims(name = ''): readonly number[] {
    const { inputs, initializers } = this.whole;
    if (name === inputs[0]?.name) return inputs[0].shape;
    return initializers.get(name)?.dims ?? this.compiled.values.get(name)?.dims ?? [];
  }

  datatype(name: string): TensorDatatype {
    const value = this.whole.initializers.get(name) ?? this.compiled.values.get(name) ?? this.whole.inputs[0];
    return value!.datatype;
  }

  count(name: string): number {
    return this.dims(name).reduce((product, size) => product * size, 1);
  }

  /** A constant that is one number; 0 where it is left out. */
  scalar(name: string, node?: PlainNode): number {
    if (name === '') return 0;
    const tensor = this.whole.initializers.get(name);
    if (tensor && this.isUniform(name)) return Number(tensor.data[0]);
    return node ? this.refuse(node) : refuse('NotConstant', `"${name}" is not one number.`);
  }

  isUniform(name: string): boolean {
    const tensor = this.whole.initializers.get(name);
    const elements = Array.from((tensor?.data ?? []) as ArrayLike<number | bigint>);
    return elements.length > 0 && elements.every((element) => element === elements[0]);
  }

  /** All that an 8-bit value less its zero point can be. */
  shifted(name: string, zeroPoint: string): Range {
    const bounds = INTEGER_BOUNDS[this.datatype(name)] ?? refuse('DatatypeNotAllowed', `"${name}" is not of 8 bits.`);
    const zero = this.scalar(zeroPoint);
    return { lo: bounds.lo - zero, hi: bounds.hi - zero };
  }

  /** Ends the proof. */
  refuse({ where }: PlainNode): never {
    refuse('OperatorNotAllowed', `${where} may read later positions of the text. Such a model is decoded whole.`, {
      where,
    });
  }
}
