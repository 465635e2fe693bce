import { uploadError } from './upload.errors.js';

/**
 * One writer per upload. A client that lost its connection comes back before we notice: whoever comes later ends the one before
 * and waits until it has let go of the file.
 */
export class Writers {
  readonly #writers = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>();

  async write<T>(uploadId: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.#writers.get(uploadId);
      if (before === undefined) break;
      before.controller.abort(uploadError('UploadTakenOver', 'Another request has continued this upload.'));
      await before.done;
    }
    const controller = new AbortController();
    let letGo!: () => void;
    const done = new Promise<void>((resolve) => (letGo = resolve));
    this.#writers.set(uploadId, { controller, done });
    try {
      return await work(controller.signal);
    } finally {
      this.#writers.delete(uploadId);
      letGo();
    }
  }
}
