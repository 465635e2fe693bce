import { datatypeBytes } from '@openimo/domain';
import type { CommittedModel } from '../commit/commit-model.js';
import type { CommittedTrace } from '../commit/commit-trace.js';
import type { Hash } from '../commit/hash.js';
import { CHUNK_BYTES } from '../commit/tensor-tree.js';
import { bytesOf } from '../model/execute.js';
import { traceReads } from '../model/reads.js';
import { MEANINGS } from '../steps/meanings.js';
import { Opcode, type OperandReads, type Step, type StepInput } from '../steps/step.js';
import { readScalar } from '../tensor/canonical.js';
import type { ElementProof, ProvenRead } from './moves.js';

/** Siblings of a tensor's root in the tree of the trace that is disputed. */
export type OuterPath = (step: number) => readonly Hash[];

/**
 * The proof that `element` of `chunk`, which the operator claims for step `id`, is wrong. The reads come from running the
 * step's meaning and writing down what it reads.
 *
 * @param own The challenger's trace, equal to the operator's in every operand.
 * @param outer Paths under the operator's trace root.
 */
export function elementProof(
  model: CommittedModel,
  own: CommittedTrace,
  id: number,
  chunk: Uint8Array,
  chunkIndex: number,
  element: number,
  outer: OuterPath,
): ElementProof {
  const step = model.graph.steps[id] as Step;
  const meaning = MEANINGS[step.op];
  const size = datatypeBytes(step.datatype);
  const flat = (chunkIndex * CHUNK_BYTES) / size + element;
  const straight = traceReads(step, own.trace, model.constants);
  const hint = step.op === Opcode.ArgMax ? Number(meaning.element(step, flat, straight)) : 0;
  const ranges: { input: number; from: number; to: number }[] = [];
  const recording: OperandReads = {
    scalar(input, address) {
      ranges.push({ input, from: address, to: address + datatypeBytes(step.inputs[input]!.datatype) });
      return straight.scalar(input, address);
    },
    bytes(input, address, length) {
      ranges.push({ input, from: address, to: address + length });
      return straight.bytes(input, address, length);
    },
  };
  if (meaning.refutes) {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    meaning.refutes(step, flat, readScalar(view, element * size, step.datatype), recording, hint);
  } else {
    meaning.element(step, flat, recording);
  }
  const reads = ranges.map(({ input, from, to }) => provenRead(model, own, step, input, from, to, outer));
  return { chunk, element, reads, hint };
}

function provenRead(
  model: CommittedModel,
  own: CommittedTrace,
  step: Step,
  input: number,
  from: number,
  to: number,
  outer: OuterPath,
): ProvenRead {
  const { source } = step.inputs[input] as StepInput;
  const bytes = bytesOf(source, own.trace, model.constants);
  const firstChunk = Math.floor(from / CHUNK_BYTES);
  const lastChunk = Math.floor((to - 1) / CHUNK_BYTES);
  const ofTrace = source.kind === 'step';
  const tree = ofTrace ? own.trees[source.id]! : model.constantTrees[source.id]!;
  return {
    data: bytes.slice(firstChunk * CHUNK_BYTES, (lastChunk + 1) * CHUNK_BYTES),
    siblings: tree.rangeProof(firstChunk, lastChunk),
    outer: ofTrace ? outer(source.id) : model.constTree!.path(source.id),
  };
}
