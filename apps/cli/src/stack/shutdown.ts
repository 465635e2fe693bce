type Cleanup = () => unknown;

/**
 * The one place that knows what has to be undone when the program ends: last added, first undone. Every loop and wait of the
 * program listens to `signal`.
 */
export class Shutdown {
  readonly #controller = new AbortController();
  readonly #cleanups: { what: string; cleanup: Cleanup }[] = [];
  #done: Promise<void> | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  add(what: string, cleanup: Cleanup): void {
    this.#cleanups.push({ what, cleanup });
  }

  /** Runs every cleanup once, however often it is called. A failing cleanup is reported and does not stop the others. */
  run(reason: string): Promise<void> {
    this.#done ??= this.#run(reason);
    return this.#done;
  }

  async #run(reason: string): Promise<void> {
    this.#controller.abort(new Error(reason));
    for (const { what, cleanup } of this.#cleanups.reverse()) {
      try {
        await cleanup();
      } catch (error) {
        process.stderr.write(`While ending ${what}: ${(error as Error).message}\n`);
      }
    }
  }
}
