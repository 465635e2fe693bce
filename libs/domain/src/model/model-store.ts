import type { Sha256 } from '../hex/hex.js';

export type ModelStoreErrorCode =
  /** Nothing is stored under this hash. */
  | 'ModelNotFound'
  /** What is stored does not have its hash any more: the disk, or somebody, changed it. */
  | 'ModelCorrupt'
  /** The content exceeds the store's limit. */
  | 'ModelFileTooLarge';

export interface StoredModel {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** Keeps model files by the sha256 of their bytes. What it hands out has been compared with that hash. */
export interface ModelStore {
  /** Stores content that is not there yet; storing it twice, also at once, is one file. */
  put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredModel>;
  has(sha256: Sha256): Promise<boolean>;
  /** The verified bytes. Throws `ModelNotFound`, `ModelCorrupt`. */
  get(sha256: Sha256): Promise<Uint8Array>;
  /** A local path for another process to read; that process compares the hash of what it reads. Throws `ModelNotFound`. */
  pathOf(sha256: Sha256): Promise<string>;
}
