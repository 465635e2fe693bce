import { DomainError } from '@openimo/domain';

export type UploadErrorCode =
  /** Nothing of this id, or somebody else's, or abandoned for too long. */
  | 'UploadNotFound'
  /** data: { sizeBytes, limitBytes } */
  | 'UploadTooLarge'
  /** data: { usedBytes, limitBytes } */
  | 'UploadQuotaExceeded'
  | 'TooManyUploads'
  | 'UploadDraftNotFound'
  /** The client and we differ on how much is there: data: { offset } */
  | 'UploadOffsetWrong'
  /** The bytes are not what was announced. data: { announced, actual } */
  | 'UploadHashWrong'
  /** A header of the tus protocol is missing or makes no sense. */
  | 'UploadHeaderInvalid'
  | 'UploadVersionUnsupported'
  | 'UploadContentTypeWrong'
  /** Another request continues the same upload. */
  | 'UploadTakenOver';

/** HTTP statuses as tus 1.0 wants them. */
export const UPLOAD_STATUS: Readonly<Record<UploadErrorCode, number>> = {
  UploadNotFound: 404,
  UploadTooLarge: 413,
  UploadQuotaExceeded: 413,
  TooManyUploads: 429,
  UploadDraftNotFound: 404,
  UploadOffsetWrong: 409,
  UploadHashWrong: 460,
  UploadHeaderInvalid: 400,
  UploadVersionUnsupported: 412,
  UploadContentTypeWrong: 415,
  UploadTakenOver: 409,
};

export function uploadError(code: UploadErrorCode, message: string, data: Record<string, unknown> = {}) {
  return new DomainError<UploadErrorCode>(code, message, { data });
}

export const uploadNotFound = () =>
  uploadError('UploadNotFound', 'There is no such upload, or it was abandoned for too long. Begin another.');

export const uploadTooLarge = (sizeBytes: number, limitBytes: number) =>
  uploadError('UploadTooLarge', `A model file has at most ${limitBytes} bytes. Quantise or prune it.`, {
    sizeBytes,
    limitBytes,
  });
