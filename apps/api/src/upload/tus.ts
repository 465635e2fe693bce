import { isSha256, type Sha256 } from '@openimo/domain';
import type { IncomingHttpHeaders } from 'node:http';
import { uploadError } from './upload.errors.js';

/** tus, the open protocol for resumable uploads: https://tus.io/protocols/resumable-upload, version 1.0.0. */
export const TUS_VERSION = '1.0.0';
export const TUS_EXTENSIONS = 'creation,termination,expiration';
export const TUS_CONTENT_TYPE = 'application/offset+octet-stream';
const MAX_METADATA_LENGTH = 4_096;

export function checkVersion(headers: IncomingHttpHeaders): void {
  if (headers['tus-resumable'] === TUS_VERSION) return;
  throw uploadError('UploadVersionUnsupported', `Send the header Tus-Resumable: ${TUS_VERSION}.`);
}

export function checkContentType(headers: IncomingHttpHeaders): void {
  if (headers['content-type'] === TUS_CONTENT_TYPE) return;
  throw uploadError('UploadContentTypeWrong', `Send bytes with Content-Type: ${TUS_CONTENT_TYPE}.`);
}

/** @returns a whole number from `least` on */
export function readLength(
  headers: IncomingHttpHeaders,
  name: 'upload-length' | 'upload-offset',
  least: number,
): number {
  const text = headers[name];
  const value = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (value >= least) return value;
  throw uploadError('UploadHeaderInvalid', `The header ${name} must be a whole number from ${least} on.`);
}

export interface UploadMetadata {
  readonly draftId: string;
  readonly sha256: Sha256 | null;
  readonly all: Record<string, string | null>;
}

/** `draftId <base64>,sha256 <base64 of 64 hexadecimal digits>,filename <base64>`; all but the first may be left out. */
export function readMetadata({ 'upload-metadata': header }: IncomingHttpHeaders): UploadMetadata {
  const text = String(header ?? '');
  if (text.length > MAX_METADATA_LENGTH) throw uploadError('UploadHeaderInvalid', 'Upload-Metadata is too long.');
  const all = Object.fromEntries(
    text
      .split(',')
      .map((pair) => pair.trim().split(' '))
      .filter(([key]) => key !== '')
      .map(([key, value]) => [key!, value === undefined ? null : Buffer.from(value, 'base64').toString('utf8')]),
  );
  const { draftId, sha256 = null } = all;
  if (!draftId) throw uploadError('UploadHeaderInvalid', 'Upload-Metadata must have the key draftId.');
  if (sha256 === null) return { draftId, sha256, all };
  const hash = `0x${sha256.toLowerCase().replace(/^0x/, '')}`;
  if (!isSha256(hash))
    throw uploadError('UploadHeaderInvalid', 'sha256 in Upload-Metadata must be 64 hexadecimal digits.');
  return { draftId, sha256: hash, all };
}
