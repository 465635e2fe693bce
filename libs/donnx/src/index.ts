export type { DonnxErrorCode } from './error/refuse.js';
export { compileModel, type CheckedGraph } from './model/compile-model.js';
export { constantBytes, execute, outputOf, runStep, valueIn, type Trace } from './model/execute.js';
export { lowerGraph } from './model/lower-graph.js';
export { stepBytes, type StepGraph } from './model/step-graph.js';
export { encodeOnnx, type EncodeOptions } from './onnx/encode-onnx.js';
export { importOnnx, MAX_OPSET, MIN_OPSET } from './onnx/import-onnx.js';
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
export { canonicalBytes, readScalar, scalarBytes, tensorFromBytes } from './tensor/canonical.js';
export { DATATYPE_CODES, tensorOf, type Scalar, type Tensor, type TypedArray } from './tensor/tensor.js';
