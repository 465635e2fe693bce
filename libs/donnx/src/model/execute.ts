import { refuse } from '../error/refuse.js';
import { kernelOperand } from '../steps/addressing.js';
import { MEANINGS } from '../steps/meanings.js';
import type { Constant, Source, Step } from '../steps/step.js';
import { canonicalBytes } from '../tensor/canonical.js';
import { allocate, productOf, type Tensor } from '../tensor/tensor.js';
import { readView, stepBytes, type StepGraph } from './step-graph.js';

/** Canonical bytes of every step of one run; position 0 is the input. */
export type Trace = readonly Uint8Array[];

/**
 * Runs the model, keeping every tensor. `input` is the concatenation of the inputs' canonical bytes. This executor is the
 * specification: onnxruntime has to agree with it bit for bit.
 */
export function execute(graph: StepGraph, input: Uint8Array): Trace {
  const expected = stepBytes(graph.steps[0] as Step);
  if (input.length !== expected) {
    refuse('InputLengthWrong', `The input has ${input.length} bytes and the model takes ${expected}.`, {
      expected,
      actual: input.length,
    });
  }
  // A copy of its own, so that typed views are aligned.
  const trace: Uint8Array[] = [Uint8Array.from(input)];
  const constants = constantBytes(graph);
  for (const step of graph.steps.slice(1)) trace.push(runStep(step, (source) => bytesOf(source, trace, constants)));
  return trace;
}

/** Canonical bytes of one step's result, from the canonical bytes of what it reads. */
export function runStep(step: Step, bytes: (source: Source) => Uint8Array): Uint8Array {
  const out = allocate(step.datatype, productOf(step.dims));
  const operands = step.inputs.map((input) => kernelOperand(step.dims, input, bytes(input.source)));
  MEANINGS[step.op].kernel(step, operands, out);
  if (step.datatype !== 'FP32') return new Uint8Array(out.buffer);
  return canonicalBytes({ datatype: step.datatype, data: out }, step.where);
}

const ofConstants = new WeakMap<readonly Constant[], Uint8Array[]>();

/** Canonical bytes of the graph's constants, by id. Computed once per graph. */
export function constantBytes({ constants }: Pick<StepGraph, 'constants'>): readonly Uint8Array[] {
  let bytes = ofConstants.get(constants);
  if (bytes === undefined) {
    bytes = constants.map(({ name, tensor }) => canonicalBytes(tensor, `Tensor "${name}"`));
    ofConstants.set(constants, bytes);
  }
  return bytes;
}

/** The answer's bytes. */
export function outputOf({ outNode }: StepGraph, trace: Trace): Uint8Array {
  return trace[outNode] as Uint8Array;
}

/** What an ONNX value was in this run. */
export function valueIn(graph: StepGraph, trace: Trace, name: string): Tensor {
  const value = graph.values.get(name);
  if (value === undefined) refuse('ModelMalformed', `The model has no value "${name}".`, { name });
  return readView(value, bytesOf(value.source, trace, constantBytes(graph)));
}

export function bytesOf({ kind, id }: Source, trace: Trace, constants: readonly Uint8Array[]): Uint8Array {
  return (kind === 'step' ? trace[id] : constants[id]) as Uint8Array;
}
