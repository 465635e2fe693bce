import type { DataSource } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { MetadataDocumentEntity } from './metadata-document.entity.js';

export type MetadataDocument = Omit<MetadataDocumentEntity, never>;

const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 24 * 3_600;

/** Documents that metadata URIs led to, and which did not. */
export class MetadataDocumentRepository {
  constructor(private readonly dataSource: DataSource) {}

  find(uri: string, hash: Hex): Promise<MetadataDocument | undefined> {
    return classified(
      async () => (await this.dataSource.manager.findOneBy(MetadataDocumentEntity, { uri, hash })) ?? undefined,
    );
  }

  /** Content whose hash has been compared; it never changes again. */
  keep(uri: string, hash: Hex, content: Uint8Array): Promise<void> {
    const hex: Hex = `0x${Buffer.from(content).toString('hex')}`;
    return this.#write({
      uri,
      hash,
      status: 'fetched',
      content: hex,
      error: null,
      attempts: 0,
      nextAttemptAt: new Date(),
    });
  }

  /** Tried again after 30 s, and after twice as long each time up to a day. */
  async fail(uri: string, hash: Hex, error: { code: string; message: string }): Promise<void> {
    const attempts = ((await this.find(uri, hash))?.attempts ?? 0) + 1;
    const delaySeconds = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** Math.min(attempts - 1, 20));
    const nextAttemptAt = new Date(Date.now() + delaySeconds * 1_000);
    await this.#write({ uri, hash, status: 'failed', content: null, error, attempts, nextAttemptAt });
  }

  #write(document: Omit<MetadataDocument, 'updatedAt'>): Promise<void> {
    return classified(async () => {
      const row = toRow<MetadataDocumentEntity>({ ...document, updatedAt: new Date() });
      await this.dataSource.manager.upsert(MetadataDocumentEntity, row, ['uri', 'hash']);
    });
  }
}
