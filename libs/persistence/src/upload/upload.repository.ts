import type { DataSource } from 'typeorm';
import type { Address, Sha256 } from '@openimo/domain';
import { lockAccount } from '../account/lock-account.js';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { DraftEntity, type DraftRefusal } from '../draft/draft.entity.js';
import { DraftRepository } from '../draft/draft.repository.js';
import { UploadEntity } from './upload.entity.js';

export type Upload = Omit<UploadEntity, never>;
export type NewUpload = Pick<Upload, 'uploadId' | 'account' | 'draftId' | 'sizeBytes' | 'sha256' | 'metadata'>;

export interface UploadQuota {
  /** Of all that an account is uploading and of its drafts' files together. */
  readonly maxBytes: number;
  /** Uploads that are open at once. */
  readonly maxOpen: number;
}

export type UploadAdmission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly reason: 'DraftNotFound' | 'TooManyUploads' | 'QuotaExceeded'; used: number };

/** Files on their way. */
export class UploadRepository {
  readonly #drafts: DraftRepository;

  constructor(private readonly dataSource: DataSource) {
    this.#drafts = new DraftRepository(dataSource);
  }

  /** Reserves the whole size before a byte of it comes. */
  add(upload: NewUpload, { maxBytes, maxOpen }: UploadQuota, lifeSeconds: number): Promise<UploadAdmission> {
    return classified(() =>
      this.dataSource.transaction(async (manager): Promise<UploadAdmission> => {
        await lockAccount(manager, upload.account);
        const draft = { account: upload.account, draftId: upload.draftId };
        if (!(await manager.existsBy(DraftEntity, draft))) return { admitted: false, reason: 'DraftNotFound', used: 0 };
        const [row] = await manager.query<{ open: number; used: string }[]>(
          `select (select count(*)::int from uploads where account = $1 and status = 'open') as open,
             (select coalesce(sum(size_bytes), 0) from uploads where account = $1 and status = 'open')
             + (select coalesce(sum(file_size), 0) from model_drafts where account = $1) as used`,
          [upload.account.toLowerCase()],
        );
        const used = Number(row!.used);
        if (row!.open >= maxOpen) return { admitted: false, reason: 'TooManyUploads', used };
        if (used + upload.sizeBytes > maxBytes) return { admitted: false, reason: 'QuotaExceeded', used };
        const now = new Date();
        await manager.insert(
          UploadEntity,
          toRow<UploadEntity>({
            ...upload,
            receivedBytes: 0,
            status: 'open',
            createdAt: now,
            updatedAt: now,
            expiresAt: new Date(now.getTime() + lifeSeconds * 1_000),
          }),
        );
        return { admitted: true };
      }),
    );
  }

  /** Whoever's it is: the caller compares the account. */
  find(uploadId: string): Promise<Upload | undefined> {
    return classified(async () => (await this.dataSource.manager.findOneBy(UploadEntity, { uploadId })) ?? undefined);
  }

  /** The uploads of a draft, the newest first. */
  list(account: Address, draftId: string): Promise<Upload[]> {
    return classified(() =>
      this.dataSource.manager.find(UploadEntity, { where: { account, draftId }, order: { createdAt: 'DESC' } }),
    );
  }

  /** Notes how far the file is and puts its end off. */
  progress(uploadId: string, receivedBytes: number, lifeSeconds: number): Promise<void> {
    return classified(async () => {
      await this.dataSource.query(
        `update uploads set received_bytes = $2, updated_at = clock_timestamp(),
           expires_at = clock_timestamp() + $3 * interval '1 second'
         where upload_id = $1 and status = 'open'`,
        [uploadId, receivedBytes, lifeSeconds],
      );
    });
  }

  /** The file is in the store and becomes its draft's, in one transaction. Doing so again changes nothing. */
  complete({ uploadId, account, draftId, sizeBytes }: Upload, sha256: Sha256): Promise<void> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        const { affected } = await manager.update(
          UploadEntity,
          { uploadId, status: 'open' },
          toRow<UploadEntity>({ status: 'complete', sha256, receivedBytes: sizeBytes, updatedAt: new Date() }),
        );
        if (affected === 1) await this.#drafts.setFile(account, draftId, sha256, sizeBytes, manager);
      }),
    );
  }

  refuse(uploadId: string, refusal: DraftRefusal): Promise<void> {
    return classified(async () => {
      const values = toRow<UploadEntity>({ status: 'refused', refusal, updatedAt: new Date() });
      await this.dataSource.manager.update(UploadEntity, { uploadId, status: 'open' }, values);
    });
  }

  remove(uploadId: string): Promise<void> {
    return classified(async () => {
      await this.dataSource.manager.delete(UploadEntity, { uploadId });
    });
  }

  /** Ids of open uploads that nobody has continued in time. */
  expired(): Promise<string[]> {
    return classified(async () => {
      const rows = await this.dataSource.query<{ upload_id: string }[]>(
        `select upload_id from uploads where status = 'open' and expires_at < clock_timestamp()`,
      );
      return rows.map((row) => row.upload_id);
    });
  }
}
