import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexData, hexText, instant, integer, json, label, nullable } from '../database/columns.js';

/** What a metadata URI led to. Only content that has the hash on the chain is kept. */
@Entity({ name: 'metadata_documents' })
export class MetadataDocumentEntity {
  @PrimaryColumn(label('uri'))
  uri: string;

  /** sha256 that the publisher committed to. */
  @PrimaryColumn(hexText('hash'))
  hash: Hex;

  @Column(label('status'))
  status: 'fetched' | 'failed';

  @Column(nullable(hexData('content')))
  content: Hex | null;

  /** Why the last attempt failed. */
  @Column(nullable(json('error')))
  error: { code: string; message: string } | null;

  @Column(integer('attempts'))
  attempts: number;

  /** A failure is not tried again before this. */
  @Column(instant('next_attempt_at'))
  nextAttemptAt: Date;

  @Column(instant('updated_at'))
  updatedAt: Date;
}
