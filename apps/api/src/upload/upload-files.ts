import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes of open uploads, one file each. How long a file is says how far its upload is. */
export class UploadFiles {
  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<UploadFiles> {
    await mkdir(folder, { recursive: true });
    return new UploadFiles(folder);
  }

  /** Empty. */
  async create(id: string): Promise<void> {
    await (await open(this.#path(id), 'wx')).close();
  }

  /** Bytes that a power cut will not take back; undefined where there is no such file. */
  async size(id: string): Promise<number | undefined> {
    try {
      const file = await open(this.#path(id), 'r');
      try {
        await file.sync();
        return (await file.stat()).size;
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * Writes what comes, as it comes, from `offset` on. What was written when it fails stays.
   * @param most bytes, after which it fails with `tooMuch`
   * @returns the new size, on disk
   */
  async append(
    id: string,
    offset: number,
    chunks: AsyncIterable<Uint8Array>,
    most: number,
    tooMuch: () => Error,
  ): Promise<number> {
    const file = await open(this.#path(id), 'r+');
    try {
      let written = 0;
      for await (const chunk of chunks) {
        if (written + chunk.length > most) throw tooMuch();
        for (let at = 0; at < chunk.length;) {
          const { bytesWritten } = await file.write(chunk, at, chunk.length - at, offset + written + at);
          at += bytesWritten;
        }
        written += chunk.length;
      }
      await file.sync();
      return offset + written;
    } finally {
      await file.close();
    }
  }

  read(id: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.#path(id));
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  /** Ids of files that nobody has written to for `ageMs`. */
  async olderThan(ageMs: number): Promise<string[]> {
    const ids = await readdir(this.folder);
    const ages = await Promise.all(ids.map((id) => stat(this.#path(id)).catch(() => undefined)));
    return ids.filter((_, index) => Date.now() - (ages[index]?.mtimeMs ?? Date.now()) > ageMs);
  }

  /** Ids come from our own rows alone: nobody's text is part of a path. */
  #path(id: string): string {
    return join(this.folder, id);
  }
}
