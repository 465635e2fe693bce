import { Inject, Injectable } from '@nestjs/common';
import type { Address, Sha256 } from '@openimo/domain';
import { FolderModelStore } from '@openimo/inference';
import { type NewUpload, type Upload, UploadRepository } from '@openimo/persistence';
import { randomId } from '../auth/keys.js';
import type { ApiConfig } from '../config/config.js';
import { CONFIG } from '../platform/tokens.js';
import { uploadError, uploadNotFound, uploadTooLarge } from './upload.errors.js';
import { UploadFiles } from './upload-files.js';
import { Writers } from './writers.js';

export const UPLOAD_LIFE_SECONDS = 24 * 3_600;
const MOST_OPEN = 5;

export interface UploadState {
  readonly uploadId: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly expiresAt: Date;
}

type Asked = Pick<NewUpload, 'draftId' | 'sizeBytes' | 'sha256' | 'metadata'>;

/** Files on their way, in as many requests as it takes. Whatever was acknowledged is on disk. */
@Injectable()
export class UploadService {
  readonly #writers = new Writers();

  constructor(
    private readonly uploads: UploadRepository,
    private readonly files: UploadFiles,
    private readonly models: FolderModelStore,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  /** @throws DomainError with an UploadErrorCode, before a byte has come */
  async create(account: Address, asked: Asked): Promise<UploadState> {
    const { uploadBytes, accountBytes } = this.config.limits;
    if (asked.sizeBytes > uploadBytes) throw uploadTooLarge(asked.sizeBytes, uploadBytes);
    const uploadId = randomId();
    const quota = { maxBytes: accountBytes, maxOpen: MOST_OPEN };
    const admission = await this.uploads.add({ ...asked, uploadId, account }, quota, UPLOAD_LIFE_SECONDS);
    if (!admission.admitted) throw refusalOf(admission.reason, admission.used, accountBytes);
    await this.files.create(uploadId);
    return this.#stateOf((await this.#find(account, uploadId))!);
  }

  /** How far it is; one that has all its bytes and was not finished, because somebody died, is finished now. */
  async state(account: Address, uploadId: string): Promise<UploadState> {
    const upload = await this.#find(account, uploadId);
    const state = await this.#stateOf(upload);
    if (upload.status === 'open' && state.offset === upload.sizeBytes) {
      await this.#writers.write(uploadId, async () => {
        const latest = await this.#find(account, uploadId);
        if (latest.status === 'open') await this.#finish(latest);
      });
    }
    return state;
  }

  /** @throws DomainError with an UploadErrorCode; what came before the failure is kept */
  async append(account: Address, uploadId: string, offset: number, body: Body): Promise<UploadState> {
    await this.#find(account, uploadId);
    return this.#writers.write(uploadId, async (signal) => {
      const upload = await this.#find(account, uploadId);
      const { offset: size } = await this.#stateOf(upload);
      if (offset !== size) throw uploadError('UploadOffsetWrong', `Continue at byte ${size}.`, { offset: size });
      const most = upload.sizeBytes - size;
      const tooMuch = () => uploadTooLarge(upload.sizeBytes + 1, upload.sizeBytes);
      if ((body.announcedBytes ?? 0) > most) throw tooMuch();
      const received = await this.files.append(uploadId, offset, body.chunks(signal), most, tooMuch);
      await this.uploads.progress(uploadId, received, UPLOAD_LIFE_SECONDS);
      if (received === upload.sizeBytes) await this.#finish(upload);
      return this.#stateOf(await this.#find(account, uploadId));
    });
  }

  async remove(account: Address, uploadId: string): Promise<void> {
    await this.#find(account, uploadId);
    await this.#writers.write(uploadId, async () => {
      await this.uploads.remove(uploadId);
      await this.files.remove(uploadId);
    });
  }

  /** Removes uploads that nobody continued, and files whose upload or draft is gone. */
  async sweep(): Promise<void> {
    for (const uploadId of await this.uploads.expired()) await this.uploads.remove(uploadId);
    for (const uploadId of await this.files.olderThan(UPLOAD_LIFE_SECONDS * 1_000)) {
      if ((await this.uploads.find(uploadId))?.status !== 'open') await this.files.remove(uploadId);
    }
  }

  /** Into the model store, under the hash it really has, and to its draft. Killed in the middle, it can be done again. */
  async #finish(upload: Upload): Promise<void> {
    const { uploadId } = upload;
    const { sha256 } = await this.models.put(this.files.read(uploadId));
    if (upload.sha256 !== null && upload.sha256 !== sha256) {
      const refusal = hashWrong(upload.sha256, sha256);
      const { code, message, data } = refusal;
      await this.uploads.refuse(uploadId, { code, message, data });
      await this.files.remove(uploadId);
      throw refusal;
    }
    await this.uploads.complete(upload, sha256);
    await this.files.remove(uploadId);
  }

  async #find(account: Address, uploadId: string): Promise<Upload> {
    const upload = await this.uploads.find(uploadId);
    if (upload === undefined || upload.account !== account.toLowerCase() || upload.status === 'refused') {
      throw uploadNotFound();
    }
    return upload;
  }

  async #stateOf({ uploadId, status, sizeBytes, expiresAt }: Upload): Promise<UploadState> {
    const offset = status === 'complete' ? sizeBytes : await this.files.size(uploadId);
    if (offset === undefined) throw uploadNotFound();
    return { uploadId, offset, sizeBytes, expiresAt };
  }
}

/** What a request brings. */
export interface Body {
  /** Undefined where the client does not say. */
  readonly announcedBytes: number | undefined;
  /** Ends when the signal does. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

function refusalOf(
  reason: 'DraftNotFound' | 'TooManyUploads' | 'QuotaExceeded',
  usedBytes: number,
  limitBytes: number,
) {
  switch (reason) {
    case 'DraftNotFound':
      return uploadError('UploadDraftNotFound', 'You have no draft of this id. Make one with createDraft.');
    case 'TooManyUploads':
      return uploadError('TooManyUploads', `At most ${MOST_OPEN} uploads at once. Finish or delete one.`);
    case 'QuotaExceeded':
      return uploadError(
        'UploadQuotaExceeded',
        `Your uploads and drafts would exceed ${limitBytes} bytes; they have ${usedBytes}. Delete a draft.`,
        { usedBytes, limitBytes },
      );
  }
}

function hashWrong(announced: Sha256, actual: Sha256) {
  return uploadError(
    'UploadHashWrong',
    `The file that arrived has the sha256 ${actual}, not the one announced. Upload it again.`,
    { announced, actual },
  );
}
