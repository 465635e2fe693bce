const FIRST_BLOCKS = 500n;
const GROWTH_AFTER_REFUSAL = { up: 5n, down: 4n } as const;

/**
 * How many blocks to ask for at once. Providers limit the range, or the number of logs, or the time, and none of them says so in a
 * way one could rely on: so it doubles until refused, halves on each refusal, and grows slowly from then on.
 */
export class LogWindow {
  #blocks: bigint;
  #wasRefused = false;

  constructor(private readonly maxBlocks: bigint) {
    this.#blocks = maxBlocks < FIRST_BLOCKS ? maxBlocks : FIRST_BLOCKS;
  }

  get blocks(): bigint {
    return this.#blocks;
  }

  /** @param blocks how many were asked for; fewer than the window say nothing about it */
  accepted(blocks: bigint): void {
    if (blocks < this.#blocks) return;
    const { up, down } = GROWTH_AFTER_REFUSAL;
    const grown = this.#wasRefused ? (this.#blocks * up) / down + 1n : this.#blocks * 2n;
    this.#blocks = grown < this.maxBlocks ? grown : this.maxBlocks;
  }

  /** @returns false when there is nothing left to halve: then the range was not the reason */
  refused(blocks: bigint): boolean {
    if (blocks <= 1n) return false;
    this.#wasRefused = true;
    this.#blocks = blocks / 2n;
    return true;
  }
}
