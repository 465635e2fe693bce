/** Logs a batch should have: enough that statements are few, little enough that memory and transactions stay small. */
const WANTED_LOGS = 12_000;
const FIRST_BLOCKS = 50;
const MOST_GROWTH = 4;

/**
 * How many blocks to read at once: so many that a batch has about `WANTED_LOGS` logs, as far as the last batches tell, and
 * fewer where the node refuses. Providers limit range, logs or time, and none says so in a way one could rely on.
 */
export class BlockWindow {
  #blocks: number;
  #limit: number;

  constructor(private readonly maxBlocks: number) {
    this.#blocks = Math.min(FIRST_BLOCKS, maxBlocks);
    this.#limit = maxBlocks;
  }

  get blocks(): number {
    return this.#blocks;
  }

  /** A range that was read, and the logs it had. */
  read(blocks: number, logs: number): void {
    // Where a limit was met it is tried a little further each time: it may have been the logs and not the blocks.
    if (blocks >= this.#limit) this.#limit = Math.min(this.maxBlocks, Math.ceil(this.#limit * 1.1) + 1);
    const wanted = logs === 0 ? this.maxBlocks : Math.ceil((blocks * WANTED_LOGS) / logs);
    this.#blocks = Math.max(1, Math.min(wanted, Math.max(blocks, this.#blocks) * MOST_GROWTH, this.#limit));
  }

  /** @returns false when there is nothing left to halve: then the range was not the reason */
  refused(blocks: number): boolean {
    if (blocks <= 1) return false;
    this.#limit = Math.max(1, Math.floor(blocks / 2));
    this.#blocks = Math.min(this.#blocks, this.#limit);
    return true;
  }
}
