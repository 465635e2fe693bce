export type { DonnxErrorCode } from './error/refuse.js';
export { commitFile } from './commit/commit-file.js';
export {
  commitModel,
  modelRootOf,
  PROFILE_VERSION,
  type CommittedModel,
  type ModelCommitment,
} from './commit/commit-model.js';
export { commitTrace, type CommittedTrace } from './commit/commit-trace.js';
export { decodeDescriptor, describeStep, encodeDescriptor, type Descriptor } from './commit/descriptor.js';
export { equalBytes, fromHex, hashLeaf, hashNode, keccak, sha256, toHex, ZERO_HASH, type Hash } from './commit/hash.js';
export { heightFor, MerkleTree, rootOfRange } from './commit/merkle-tree.js';
export { CHUNK_BYTES, chunkAt, chunkCount, chunkLeaves, tensorHeight, tensorTree } from './commit/tensor-tree.js';
export { advance, type DisputeState, type Phase } from './dispute/advance.js';
export { challengerMove, directProof } from './dispute/challenger.js';
export { encodeReads } from './dispute/encode-reads.js';
export { isWrong, type Evidence } from './dispute/judge.js';
export {
  REVEAL_DEPTH,
  type ChallengerMove,
  type ElementProof,
  type Move,
  type NodeProof,
  type OperatorMove,
  type Pick as PickMove,
  type PostTrace,
  type Prove,
  type ProveDirect,
  type ProvenRead,
  type Reveal,
  type RevealChunk,
} from './dispute/moves.js';
export { operatorMove } from './dispute/operator.js';
export { playDispute, type PlayedDispute } from './dispute/play.js';
export { applyMove, openDispute, turnOf } from './dispute/rules.js';
export { elementProof, type OuterPath } from './dispute/witness.js';
export { centreStreams } from './float/centre-streams.js';
export { compareOutputs, type FidelityReport } from './float/fidelity.js';
export { lowerFloatModel, RECIPES, type FloatModel, type InputEncoding } from './float/lower-float-model.js';
export { observableModel, observe, type Observation } from './float/observation.js';
export { compileModel, type CheckedGraph } from './model/compile-model.js';
export { constantBytes, execute, outputOf, runStep, valueIn, type Trace } from './model/execute.js';
export { lowerGraph } from './model/lower-graph.js';
export { stepBytes, type StepGraph } from './model/step-graph.js';
export { encodeOnnx, type EncodeOptions } from './onnx/encode-onnx.js';
export { importOnnx, MAX_OPSET, MIN_OPSET, type ImportOptions } from './onnx/import-onnx.js';
export type { Attribute, PlainGraph, PlainNode } from './onnx/plain-graph.js';
export { OPERATORS } from './operators/operators.js';
export { analyseRanges } from './range/analyse-ranges.js';
export type { Interval } from './range/interval.js';
export { MEANINGS } from './steps/meanings.js';
export {
  MAX_DOT_LENGTH,
  MAX_RANK,
  MAX_REDUCE_LENGTH,
  Opcode,
  type Constant,
  type OperandReads,
  type Source,
  type Step,
  type StepInput,
  type StepMeaning,
} from './steps/step.js';
export { cachedDecoding, type CachedDecoding } from './text/cached-decoding.js';
export { decodeGraph, type DecodeGraph } from './text/decode-graph.js';
export { generateCached, type CachedTextModel } from './text/generate-cached.js';
export { proveCausal } from './text/prove-causal.js';
export { generateText, type GenerateOptions, type TextModel } from './text/generate-text.js';
export { END_OF_TEXT, stepInput } from './text/step-input.js';
export { canonicalBytes, readScalar, scalarBytes, tensorFromBytes } from './tensor/canonical.js';
export { DATATYPE_CODES, tensorOf, type Scalar, type Tensor, type TypedArray } from './tensor/tensor.js';
