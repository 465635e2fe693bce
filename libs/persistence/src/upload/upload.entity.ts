import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Sha256 } from '@openimo/domain';
import { hexText, instant, integer, json, label, nullable } from '../database/columns.js';
import type { DraftRefusal } from '../draft/draft.entity.js';

/** `complete`: every byte is there and in the model store. `refused`: every byte is there, and they are not what was announced. */
export type UploadStatus = 'open' | 'complete' | 'refused';

/** A file on its way, in as many requests as it takes. */
@Entity({ name: 'uploads' })
export class UploadEntity {
  @PrimaryColumn(label('upload_id'))
  uploadId: string;

  @Column(hexText('account'))
  account: Address;

  @Column(label('draft_id'))
  draftId: string;

  @Column(integer('size_bytes'))
  sizeBytes: number;

  /** As of the last request; the file itself is what counts. */
  @Column(integer('received_bytes'))
  receivedBytes: number;

  /** What the uploader says the file hashes to; null: nothing. Once complete, what it does hash to. */
  @Column(nullable(hexText('sha256')))
  sha256: Sha256 | null;

  /** As the client sent it. */
  @Column(json('metadata'))
  metadata: Record<string, string | null>;

  @Column(label('status'))
  status: UploadStatus;

  @Column(nullable(json('refusal')))
  refusal: DraftRefusal | null;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(instant('updated_at'))
  updatedAt: Date;

  /** An open upload may be removed after this; every request puts it off. */
  @Column(instant('expires_at'))
  expiresAt: Date;
}
