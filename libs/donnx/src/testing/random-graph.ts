import { isDomainError, type TensorDatatype, type TensorSpec } from '@openimo/domain';
import { compileModel, type CheckedGraph } from '../model/compile-model.js';
import type { Attribute, PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { productOf, tensorOf, type Scalar, type Tensor } from '../tensor/tensor.js';
import { CANDIDATES } from './random-nodes.js';
import type { Random } from './random.js';

export interface KnownValue {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly dims: readonly number[];
}

/** What a candidate puts into a graph. */
export interface Candidate {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs?: number;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A graph that grows by random nodes, of which those outside the profile are dropped again. */
export class GraphMaker {
  readonly nodes: PlainNode[] = [];
  readonly initializers = new Map<string, Tensor>();
  known: KnownValue[];
  compiled: CheckedGraph | undefined;
  private names = 0;

  constructor(
    readonly random: Random,
    readonly inputs: readonly TensorSpec[],
    readonly opset: number,
  ) {
    this.known = inputs.map(({ name, datatype, shape }) => ({ name, datatype, dims: shape }));
  }

  /** A value of one of the types, with whatever else is asked. Recent ones are likelier, so graphs grow deep. */
  value(
    datatypes: readonly TensorDatatype[],
    fits: (value: KnownValue) => boolean = () => true,
  ): KnownValue | undefined {
    const found = this.known.filter((value) => datatypes.includes(value.datatype) && fits(value));
    if (found.length === 0) return undefined;
    return this.random.chance(0.5) ? found.at(-1) : this.random.pick(found);
  }

  constant(datatype: TensorDatatype, dims: readonly number[], element: (at: number) => Scalar): string {
    const name = `c${this.names++}`;
    this.initializers.set(
      name,
      tensorOf(
        datatype,
        dims,
        Array.from({ length: productOf(dims) }, (_, at) => element(at)),
      ),
    );
    return name;
  }

  integers(values: readonly number[]): string {
    return this.constant('INT64', [values.length], (at) => values[at] as number);
  }

  /** Dimensions that broadcast to `dims`. */
  broadcastable(dims: readonly number[]): number[] {
    const from = this.random.integer(0, dims.length);
    return dims.slice(from).map((dim) => (this.random.chance(0.3) ? 1 : dim));
  }

  get graph(): PlainGraph {
    const outputs = this.known.slice(this.inputs.length).map(({ name }) => name);
    const { opset, inputs, nodes, initializers } = this;
    return { opset, inputs, outputs, nodes, initializers };
  }

  /** Adds the node; where the profile refuses its ranges, once more with an operand clipped, as the refusal says. */
  add(candidate: Candidate): boolean {
    const refusal = this.tryToAdd(candidate);
    if (refusal === undefined) return true;
    if (!['IntegerOverflow', 'SumNotExact', 'IndexOutOfRange'].includes(refusal)) return false;
    const position = refusal === 'IndexOutOfRange' ? 1 : 0;
    const operand = this.known.find(({ name }) => name === candidate.inputs[position]);
    if (operand === undefined || operand.datatype === 'BOOL') return false;
    const bounds = [0, 11].map((bound) => this.constant(operand.datatype, [], () => bound));
    if (this.tryToAdd({ operator: 'Clip', inputs: [operand.name, ...bounds] }) !== undefined) return false;
    const inputs = candidate.inputs.with(position, this.known.at(-1)!.name);
    return this.tryToAdd({ ...candidate, inputs }) === undefined;
  }

  /** Adds the node if the profile admits it; otherwise says why not. */
  private tryToAdd({ operator, inputs, outputs = 1, attributes = {} }: Candidate): string | undefined {
    const names = Array.from({ length: outputs }, () => `v${this.names++}`);
    const where = `Node "${names[0]}" (${operator})`;
    this.nodes.push({
      where,
      name: names[0] as string,
      operator,
      inputs,
      outputs: names,
      attributes: new Map(Object.entries(attributes)),
    });
    try {
      const outputNames = [...this.known.slice(this.inputs.length).map(({ name }) => name), ...names];
      this.compiled = compileModel({ ...this.graph, outputs: outputNames });
      const added = this.compiled.outputs.slice(-outputs);
      // Small graphs find as much and run faster.
      if (added.some(({ shape }) => productOf(shape) > 20_000 || shape.length > 6)) throw new RangeError('large');
      this.known.push(...added.map(({ name, datatype, shape }) => ({ name, datatype, dims: shape })));
      return undefined;
    } catch (error) {
      if (!isDomainError(error) && !(error instanceof RangeError)) throw error;
      this.nodes.pop();
      return isDomainError(error) ? error.code : 'TooLarge';
    }
  }
}

const SHAPES = [
  [1, 12],
  [3, 8],
  [2, 3, 4],
  [1, 2, 5, 5],
  [1, 4, 6, 6],
  [2, 2, 6, 5],
  [1, 3, 9],
  [7],
  [1, 1300],
  [1, 1, 30, 40],
];

/** A random graph in the profile and the nodes that it has. */
export function randomGraph(random: Random, size = random.integer(4, 14)): GraphMaker {
  const first: TensorSpec = { name: 'x', datatype: 'UINT8', shape: random.pick(SHAPES) };
  const datatype = random.pick(['UINT8', 'INT32', 'INT64'] as const);
  const second: TensorSpec = { name: 'y', datatype, shape: random.pick(SHAPES.slice(0, 8)) };
  const inputs = random.chance(0.6) ? [first, second] : [first];
  const maker = new GraphMaker(random, inputs, random.pick([13, 15, 17, 18, 19, 21]));
  const names = Object.keys(CANDIDATES);
  for (let attempts = 0; maker.nodes.length < size && attempts < 12 * size; attempts++) {
    const candidate = CANDIDATES[random.pick(names)]!(maker, random);
    if (candidate) maker.add(candidate);
  }
  return maker;
}
