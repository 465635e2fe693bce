type Cleanup = () => unknown;

/**
 * The one place that knows how this process ends. Every loop and wait listens to `signal`; cleanups run once it is aborted,
 * last added first.
 */
export class Shutdown {
  readonly #controller = new AbortController();
  readonly #cleanups: { what: string; cleanup: Cleanup }[] = [];
  #done: Promise<void> | undefined;
  #exitCode = 0;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the process should exit with: 0 unless an error ended it. */
  get exitCode(): number {
    return this.#exitCode;
  }

  add(what: string, cleanup: Cleanup): void {
    this.#cleanups.push({ what, cleanup });
  }

  /** Ends every loop; the cleanups wait for `run`. */
  abort(reason = new Error('ended')): void {
    if (!this.signal.aborted) this.#controller.abort(reason);
  }

  /** Ends the process because of `error`. */
  fail(error: unknown): Promise<void> {
    this.#exitCode = 1;
    return this.run(error instanceof Error ? error : new Error(String(error)));
  }

  /** Runs every cleanup once, however often it is called. One that fails is reported and does not stop the others. */
  run(reason: Error): Promise<void> {
    this.#done ??= this.#run(reason);
    return this.#done;
  }

  async #run(reason: Error): Promise<void> {
    this.abort(reason);
    for (const { what, cleanup } of this.#cleanups.reverse()) {
      try {
        await cleanup();
      } catch (error) {
        this.#exitCode = 1;
        process.stderr.write(`While ending ${what}: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  }
}
