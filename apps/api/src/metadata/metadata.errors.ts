import { DomainError } from '@openimo/domain';

/** None of these leaves the service: they are told as the `problem` of a document. */
export type MetadataErrorCode = 'MetadataUriUnknown' | 'MetadataHashWrong' | 'MetadataMissing';

export function metadataError(code: MetadataErrorCode, message: string) {
  return new DomainError<MetadataErrorCode>(code, message);
}
