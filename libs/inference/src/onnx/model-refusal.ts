import { DomainError } from '@openimo/domain';

/** Why a file is not accepted as a model. The message names the node or tensor and says what to do. */
export type ModelRefusalCode =
  | 'ModelFileNotFound'
  | 'ModelFileNotRegular'
  | 'ModelFileEmpty'
  | 'ModelFileTooLarge'
  | 'ModelMalformed'
  | 'ModelVersionUnsupported'
  | 'ExternalDataNotAllowed'
  | 'OperatorDomainNotAllowed'
  | 'OperatorNotAllowed'
  | 'SubgraphNotAllowed'
  | 'LocalFunctionNotAllowed'
  | 'TrainingNotAllowed'
  | 'SparseTensorNotAllowed'
  | 'DatatypeNotAllowed'
  | 'TensorTooLarge'
  | 'TensorDataMismatch'
  | 'DuplicateName'
  | 'NoInputs'
  | 'NoOutputs'
  | 'InputNotInteger'
  | 'InputShapeNotFixed'
  | 'OutputDatatypeNotAllowed'
  | 'OutputShapeNotFixed'
  /** onnxruntime does not load it, or fails on an input of zeros. */
  | 'ModelDoesNotRun'
  | 'ModelOutOfMemory'
  | 'ModelTimedOut'
  /** The checking process died; nothing is known about the file but that it is not safe to run. */
  | 'ModelCheckCrashed';

export function refuse(code: ModelRefusalCode, message: string, data: Record<string, unknown> = {}): never {
  throw new DomainError<ModelRefusalCode>(code, message, { data });
}
