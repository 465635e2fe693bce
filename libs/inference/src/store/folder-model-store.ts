import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  DomainError,
  isSha256,
  type ModelStore,
  type ModelStoreErrorCode,
  type Sha256,
  type StoredModel,
} from '@openimo/domain';

export interface FolderModelStoreOptions {
  /** Largest file that put accepts. Default: 256 MiB. */
  readonly maxFileBytes?: number;
}

const DEFAULT_MAX_FILE_BYTES = 256 * 2 ** 20;
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * Model files in a folder, as `ab/abcd….onnx` by sha256. A file is written under `.incoming` first, flushed to disk and
 * then renamed, so that a name in the folder always stands for a whole file, whoever dies when. Several processes may
 * share the folder.
 *
 * @example
 * const store = await FolderModelStore.open('/var/lib/openimo/models');
 * const { sha256 } = await store.put(request.body);
 */
export class FolderModelStore implements ModelStore {
  readonly #folder: string;
  readonly #maxFileBytes: number;

  /** Makes the folder when needed and clears out uploads that were abandoned more than an hour ago. */
  static async open(folder: string, options: FolderModelStoreOptions = {}): Promise<FolderModelStore> {
    const incoming = join(folder, '.incoming');
    await mkdir(incoming, { recursive: true });
    for (const name of await readdir(incoming)) await removeAbandoned(join(incoming, name));
    return new FolderModelStore(folder, options);
  }

  private constructor(folder: string, { maxFileBytes = DEFAULT_MAX_FILE_BYTES }: FolderModelStoreOptions) {
    this.#folder = folder;
    this.#maxFileBytes = maxFileBytes;
  }

  async put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredModel> {
    const incoming = join(this.#folder, '.incoming', randomUUID());
    try {
      const stored = await this.#write(incoming, content instanceof Uint8Array ? [content] : content);
      const path = this.#pathOf(stored.sha256);
      await mkdir(dirname(path), { recursive: true });
      // Replaces what is there: the same content, or a copy that the disk has damaged.
      await rename(incoming, path);
      await syncFolder(dirname(path));
      return stored;
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
  }

  async has(sha256: Sha256): Promise<boolean> {
    if (!isSha256(sha256)) return false;
    return (await stat(this.#pathOf(sha256)).catch(ignoreMissing)) !== undefined;
  }

  async get(sha256: Sha256): Promise<Uint8Array> {
    const bytes = await readFile(await this.pathOf(sha256));
    const actual = `0x${createHash('sha256').update(bytes).digest('hex')}`;
    if (actual !== sha256) {
      throw new DomainError<ModelStoreErrorCode>(
        'ModelCorrupt',
        `The stored model ${sha256} has changed on disk. Store it again from its source.`,
        { data: { sha256, actual } },
      );
    }
    return bytes;
  }

  async pathOf(sha256: Sha256): Promise<string> {
    if (!(await this.has(sha256))) {
      throw new DomainError<ModelStoreErrorCode>(
        'ModelNotFound',
        `No model ${sha256} is stored here. Upload it first.`,
        {
          data: { sha256 },
        },
      );
    }
    return this.#pathOf(sha256);
  }

  #pathOf(sha256: Sha256): string {
    const name = sha256.slice(2);
    return join(this.#folder, name.slice(0, 2), `${name}.onnx`);
  }

  async #write(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<StoredModel> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const file = await open(path, 'wx');
    try {
      for await (const chunk of chunks) {
        sizeBytes += chunk.length;
        if (sizeBytes > this.#maxFileBytes) this.#refuseTooLarge();
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { sha256: `0x${hash.digest('hex')}`, sizeBytes };
  }

  #refuseTooLarge(): never {
    throw new DomainError<ModelStoreErrorCode>(
      'ModelFileTooLarge',
      `The file has more than ${this.#maxFileBytes} bytes, which is the limit. Quantise or prune it.`,
      { data: { maxFileBytes: this.#maxFileBytes } },
    );
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const stats = await stat(path).catch(ignoreMissing);
  if (stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
}

/** A rename survives a power cut once its folder is flushed. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
