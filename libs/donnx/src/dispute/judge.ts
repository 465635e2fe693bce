import { datatypeBytes } from '@openimo/domain';
import type { ModelCommitment } from '../commit/commit-model.js';
import type { Descriptor } from '../commit/descriptor.js';
import { equalBytes, type Hash } from '../commit/hash.js';
import { rootOfRange } from '../commit/merkle-tree.js';
import { CHUNK_BYTES, chunkCount, chunkLeaves } from '../commit/tensor-tree.js';
import { refuse } from '../error/refuse.js';
import { MEANINGS } from '../steps/meanings.js';
import type { OperandReads, Step } from '../steps/step.js';
import { readScalar, scalarBytes } from '../tensor/canonical.js';
import { productOf } from '../tensor/tensor.js';
import type { ElementProof, ProvenRead } from './moves.js';

/** What a proof is checked against. */
export interface Evidence {
  readonly commitment: ModelCommitment;
  readonly traceRoot: Hash;
  readonly nodeId: number;
  readonly descriptor: Descriptor;
  readonly chunkIndex: number;
}

/**
 * Whether the element that the proof points at is wrong: recomputes it from operands proven under the operator's own trace
 * and the model's constants. Refuses proofs that do not hold; false means that the operator was right.
 */
export function isWrong(evidence: Evidence, proof: ElementProof): boolean {
  const { descriptor, chunkIndex } = evidence;
  const { datatype, dims } = descriptor;
  const size = datatypeBytes(datatype);
  const flat = (chunkIndex * CHUNK_BYTES) / size + proof.element;
  if (!Number.isInteger(proof.element) || proof.element < 0 || (proof.element + 1) * size > proof.chunk.length) {
    refuse('ProofInvalid', 'The element is not in the chunk.');
  }
  if (flat >= productOf(dims)) refuse('ProofInvalid', 'The element is not in the tensor.');
  const claimed = proof.chunk.subarray(proof.element * size, (proof.element + 1) * size);
  const step: Step = { ...descriptor, where: `Step ${evidence.nodeId}` };
  const reads = provenReads(evidence, proof.reads);
  const meaning = MEANINGS[step.op];
  const wrong = meaning.refutes
    ? meaning.refutes(step, flat, readScalar(viewOf(claimed), 0, datatype), reads.reads, proof.hint)
    : !equalBytes(scalarBytes(meaning.element(step, flat, reads.reads), datatype), claimed);
  if (!reads.used()) refuse('ProofInvalid', 'The proof has reads that nothing needs.');
  return wrong;
}

/** Hands out the proven reads one after another, each checked for its place. */
function provenReads(evidence: Evidence, proven: readonly ProvenRead[]): { reads: OperandReads; used: () => boolean } {
  let next = 0;
  const take = (input: number, address: number, length: number): DataView => {
    const read = proven[next++] ?? refuse('ProofInvalid', `The proof lacks its read ${next - 1}, of operand ${input}.`);
    if (address < 0) refuse('ProofInvalid', `Operand ${input} is at ${address}.`);
    const firstChunk = Math.floor(address / CHUNK_BYTES);
    const start = address - firstChunk * CHUNK_BYTES;
    if (start + length > read.data.length || read.data.length > chunkCount(start + length) * CHUNK_BYTES) {
      refuse('ProofInvalid', `Read ${next - 1} is not of the chunks with the ${length} bytes from ${address} on.`);
    }
    checkRead(evidence, input, firstChunk, read);
    return viewOf(read.data.subarray(start, start + length));
  };
  const datatypeOf = (input: number) => evidence.descriptor.inputs[input]!.datatype;
  const reads: OperandReads = {
    scalar: (input, address) =>
      readScalar(take(input, address, datatypeBytes(datatypeOf(input))), 0, datatypeOf(input)),
    bytes: take,
  };
  return { reads, used: () => next === proven.length };
}

function checkRead(
  { commitment, traceRoot, nodeId, descriptor }: Evidence,
  input: number,
  firstChunk: number,
  read: ProvenRead,
): void {
  const { source, height } = descriptor.inputs[input]!;
  const tensorRoot = rootOfRange(chunkLeaves(read.data), firstChunk, height, read.siblings);
  const ofTrace = source.kind === 'step';
  if (ofTrace && source.id >= nodeId) refuse('ProofInvalid', 'A step reads only what comes before it.');
  const outerHeight = ofTrace ? commitment.nodesHeight : commitment.constantsHeight;
  const root = rootOfRange([tensorRoot], source.id, outerHeight, read.outer);
  if (!equalBytes(root, ofTrace ? traceRoot : commitment.constRoot)) {
    refuse('ProofInvalid', `A read of operand ${input} is not committed.`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
