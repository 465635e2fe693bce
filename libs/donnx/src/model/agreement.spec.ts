import fc from 'fast-check';
import { datatypeBytes } from '@openimo/domain';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import { OPERATORS } from '../operators/operators.js';
import { MEANINGS } from '../steps/meanings.js';
import { Opcode } from '../steps/step.js';
import { canonicalBytes, scalarBytes, tensorFromBytes } from '../tensor/canonical.js';
import { productOf } from '../tensor/tensor.js';
import { openSession } from '../testing/onnxruntime.js';
import { CANDIDATES } from '../testing/random-nodes.js';
import { randomGraph } from '../testing/random-graph.js';
import { Random } from '../testing/random.js';
import { compileModel, type CheckedGraph } from './compile-model.js';
import { constantBytes, execute, outputOf, valueIn, type Trace } from './execute.js';
import { traceReads } from './reads.js';

// The same graphs every time, unless more are asked for: those are new ones.
const DEEP = process.env['DONNX_RUNS'];
const OPTIONS = DEEP ? { numRuns: Number(DEEP) } : { numRuns: 50, seed: 14 };
const covered = new Map<string, number>();
const opcodes = new Set<number>();

/** A random graph of the profile, as onnxruntime reads it and as we do, with a random input. */
function caseOf(seed: number) {
  const random = new Random(seed);
  const maker = randomGraph(random);
  fc.pre(maker.nodes.length > 0);
  const graph = maker.compiled!;
  const file = encodeOnnx(maker.graph, { outputs: compileModel(maker.graph).outputs });
  const length = graph.inputs.reduce((sum, { datatype, shape }) => sum + datatypeBytes(datatype) * productOf(shape), 0);
  return { maker, file, input: random.bytes(length) };
}

describe('random graphs of the profile', () => {
  it('give in onnxruntime, optimised or not, the bytes that they give here, for every value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { maker, file, input } = caseOf(seed);
        const graph = compileModel(file);
        const trace = execute(graph, input);

        const every = await (await openSession(file, 'disabled'))(graph.inputs, input);
        for (const { name, shape } of graph.outputs) {
          const ours = valueIn(graph, trace, name);
          expect(ours.dims).toEqual(shape);
          expect({ name, bytes: canonicalBytes(ours, name) }).toEqual({ name, bytes: every.get(name) });
        }
        const packed = Buffer.concat(graph.outputs.map(({ name }) => every.get(name)!));
        expect(Buffer.from(outputOf(graph, trace))).toEqual(packed);

        // Only the last value as output, so that the optimiser may fuse all the others away.
        const last = graph.outputs.at(-1)!;
        const fused = encodeOnnx({ ...maker.graph, outputs: [last.name] }, { outputs: [last] });
        for (const level of ['extended', 'all'] as const) {
          const answer = await (await openSession(fused, level))(graph.inputs, input);
          expect({ level, bytes: answer.get(last.name) }).toEqual({ level, bytes: every.get(last.name) });
        }
        for (const { operator } of maker.nodes) covered.set(operator, (covered.get(operator) ?? 0) + 1);
        for (const { op } of graph.steps) opcodes.add(op);
      }),
      OPTIONS,
    );
  });

  it('had every operator of the profile and every opcode of a step among them', () => {
    expect(Object.keys(CANDIDATES).sort()).toEqual(Object.keys(OPERATORS).sort());
    expect([...covered.keys()].sort()).toEqual(Object.keys(OPERATORS).sort());
    expect([...opcodes].sort((a, b) => a - b)).toEqual(Object.values(Opcode));
  });

  it('have elements that, recomputed one by one from what they read, are those of the whole tensor', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { maker, input } = caseOf(seed);
        const graph = maker.compiled!;
        const trace = execute(graph, input);
        for (let id = 1; id < graph.steps.length; id++) expectElements(graph, trace, id);
      }),
      OPTIONS,
    );
  });

  it('stay within the bounds that the range analysis proved', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('random', 'zeros', 'ones'), (seed, kind) => {
        const { maker, input } = caseOf(seed);
        if (kind !== 'random') input.fill(kind === 'zeros' ? 0 : 255);
        const graph = maker.compiled!;
        const trace = execute(graph, input);
        graph.steps.forEach((step, id) => expectWithin(graph, trace, id, step.where));
      }),
      OPTIONS,
    );
  });
});

function expectElements(graph: CheckedGraph, trace: Trace, id: number): void {
  const step = graph.steps[id]!;
  const size = datatypeBytes(step.datatype);
  const count = productOf(step.dims);
  const reads = traceReads(step, trace, constantBytes(graph));
  const stride = Math.max(1, Math.floor(count / 200));
  for (let flat = 0; flat < count; flat += stride) {
    const element = scalarBytes(MEANINGS[step.op].element(step, flat, reads), step.datatype);
    const expected = trace[id]!.subarray(flat * size, (flat + 1) * size);
    if (Buffer.compare(element, expected) !== 0) {
      throw new Error(
        `${step.where}, opcode ${step.op}, element ${flat}: ${Buffer.from(element).toString('hex')}, not ${Buffer.from(expected).toString('hex')}`,
      );
    }
  }
}

function expectWithin(graph: CheckedGraph, trace: Trace, id: number, where: string): void {
  const { lo, hi, integer, leastMagnitude } = graph.ranges[id]!;
  const { datatype, dims } = graph.steps[id]!;
  for (const element of tensorFromBytes(datatype, dims, trace[id]!).data) {
    const value = Number(element);
    if (value < lo || value > hi || (integer && !Number.isInteger(value)) || Math.abs(value) < leastMagnitude) {
      throw new Error(`${where}: ${value} is not in [${lo}, ${hi}]`);
    }
  }
}
