import { DomainError } from '@openimo/domain';

/** Why a model is not in the profile, or a run, a proof or a move is not acceptable. */
export type DonnxErrorCode =
  | 'ModelMalformed'
  | 'OpsetNotSupported'
  | 'OperatorNotAllowed'
  | 'DomainNotAllowed'
  | 'AttributeNotAllowed'
  | 'DatatypeNotAllowed'
  | 'ShapeNotStatic'
  | 'ShapeMismatch'
  | 'NotConstant'
  | 'PatternNotDeterministic'
  | 'WeightsOutOfRange'
  | 'IntegerOverflow'
  | 'SumNotExact'
  | 'DivisionByZero'
  | 'IndexOutOfRange'
  | 'NotFinite'
  | 'TooLarge'
  | 'InputLengthWrong'
  | 'ProofInvalid'
  | 'MoveNotAllowed';

export function refuse(code: DonnxErrorCode, message: string, data: Readonly<Record<string, unknown>> = {}): never {
  throw new DomainError<DonnxErrorCode>(code, message, { data });
}
