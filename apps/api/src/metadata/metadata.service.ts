import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Hex, isDomainError } from '@openimo/domain';
import type { SafeFetch } from '@openimo/outbound';
import { MetadataDocumentRepository } from '@openimo/persistence';
import type { ApiConfig } from '../config/config.js';
import { SAFE_FETCH } from '../platform/outbound.module.js';
import { CONFIG } from '../platform/tokens.js';
import { metadataError } from './metadata.errors.js';
import type { Metadata } from './metadata.types.js';

/** Documents fetched at once, for everybody. */
const FETCHES_AT_ONCE = 8;
const IPFS = /^ipfs:\/\/([A-Za-z0-9]+(?:\/[^?#]*)?)$/;

/** What publishers say about their versions, fetched once and kept when it is what they committed to. */
@Injectable()
export class MetadataService {
  readonly #fetching = new Map<string, Promise<Metadata>>();

  constructor(
    private readonly documents: MetadataDocumentRepository,
    @Inject(SAFE_FETCH) private readonly fetchSafely: SafeFetch,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  /** @param hash sha256 of the content, from the chain */
  async read(uri: string, hash: Hex): Promise<Metadata> {
    if (uri === '') return { uri, content: null, problem: 'The version has no model card.' };
    const known = await this.documents.find(uri, hash);
    if (known?.content)
      return { uri, content: Buffer.from(known.content.slice(2), 'hex').toString('utf8'), problem: null };
    if (known?.error && known.nextAttemptAt > new Date()) return { uri, content: null, problem: known.error.message };
    const key = `${hash} ${uri}`;
    const underway = this.#fetching.get(key);
    if (underway !== undefined) return underway;
    if (this.#fetching.size >= FETCHES_AT_ONCE) {
      return { uri, content: null, problem: 'Many cards are being fetched right now. Ask again in a moment.' };
    }
    const fetching = this.#fetch(uri, hash).finally(() => this.#fetching.delete(key));
    this.#fetching.set(key, fetching);
    return fetching;
  }

  async #fetch(uri: string, hash: Hex): Promise<Metadata> {
    try {
      const { status, body } = await this.fetchSafely(this.#urlOf(uri));
      if (status !== 200) throw metadataError('MetadataMissing', `The server of the card answered ${status}.`);
      const actual: Hex = `0x${createHash('sha256').update(body).digest('hex')}`;
      if (actual !== hash) {
        throw metadataError(
          'MetadataHashWrong',
          'The card is not the one that the publisher committed to on the chain.',
        );
      }
      await this.documents.keep(uri, hash, body);
      return { uri, content: Buffer.from(body).toString('utf8'), problem: null };
    } catch (error) {
      if (!isDomainError(error)) throw error;
      const { code, message } = error;
      await this.documents.fail(uri, hash, { code, message });
      return { uri, content: null, problem: message };
    }
  }

  #urlOf(uri: string): string {
    const [, path] = IPFS.exec(uri) ?? [];
    const gateway = this.config.outbound.ipfsGateway;
    if (path !== undefined && gateway !== undefined) {
      const url = new URL(`/ipfs/${path}`, gateway);
      if (url.pathname.startsWith('/ipfs/')) return url.href;
    }
    if (uri.startsWith('https://') || (uri.startsWith('http://') && this.config.outbound.allowHttp)) return uri;
    throw metadataError('MetadataUriUnknown', 'The card is at no place that we can read: only https and ipfs are.');
  }
}
