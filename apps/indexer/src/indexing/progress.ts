import type { IndexState } from '@openimo/persistence';

const WIDTH = 30;
const EVERY_MS = 200;
/** Where nobody looks at a terminal: a line now and then. */
const LINE_EVERY_MS = 5_000;

/** A bar on a terminal, lines elsewhere. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #from: bigint;
  readonly #startedAt = performance.now();
  #shownAt = -Infinity;
  #logs = 0;

  constructor(from: bigint, out: NodeJS.WriteStream = process.stderr) {
    this.#from = from;
    this.#out = out;
  }

  show({ blockNumber, headBlock }: IndexState, logs: number, until = headBlock ?? 0n): void {
    this.#logs += logs;
    const now = performance.now();
    const at = blockNumber ?? this.#from;
    const isDone = at >= until;
    if (!isDone && now - this.#shownAt < (this.#out.isTTY ? EVERY_MS : LINE_EVERY_MS)) return;
    this.#shownAt = now;
    const text = this.#line(at, until, (now - this.#startedAt) / 1_000);
    this.#out.write(this.#out.isTTY ? `\r${text}${isDone ? '\n' : ''}` : `${text}\n`);
  }

  #line(at: bigint, until: bigint, seconds: number): string {
    const all = Math.max(1, Number(until - this.#from));
    const part = Math.min(1, Number(at - this.#from) / all);
    const full = Math.round(part * WIDTH);
    const leftSeconds = part === 0 ? 0 : Math.round((seconds * (1 - part)) / part);
    const bar = `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}]`;
    const rate = Math.round(this.#logs / Math.max(seconds, 0.001));
    return `${bar} ${(part * 100).toFixed(1).padStart(5)} %  block ${at} of ${until}  ${this.#logs} events  ${rate}/s  ${leftSeconds} s left  `;
  }
}
