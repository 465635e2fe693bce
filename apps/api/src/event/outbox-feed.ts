import type { OutboxRepository, OutboxRow } from '@openimo/persistence';

const MOST_RECENT = 2_000;

interface Waiting {
  readonly position: bigint;
  readonly wake: () => void;
}

/**
 * The newest rows of the outbox, looked at by one loop for all who follow it. A row is in the outbox once the transaction that
 * caused it has committed.
 */
export class OutboxFeed {
  /** Consecutive. */
  #recent: OutboxRow[] = [];
  #last: bigint | undefined;
  readonly #waiting = new Set<Waiting>();
  #isClosed = false;

  constructor(private readonly outbox: OutboxRepository) {}

  /** Position of the newest row known; 0 before the first. */
  async last(): Promise<bigint> {
    this.#last ??= await this.outbox.lastPosition();
    return this.#last;
  }

  /** What follows `position`, in order, from memory where it is recent; empty where nothing does yet. */
  async after(position: bigint): Promise<readonly OutboxRow[]> {
    if (position >= (await this.last())) return [];
    const [oldest] = this.#recent;
    if (oldest === undefined || position + 1n < oldest.position) return this.outbox.after(position);
    return this.#recent.slice(Number(position + 1n - oldest.position));
  }

  /** Resolves once something follows `position`, or when `wake` is called. */
  next(position: bigint): { readonly news: Promise<void>; readonly wake: () => void } {
    let wake!: () => void;
    const promise = new Promise<void>((resolve) => (wake = resolve));
    const waiting: Waiting = { position, wake };
    this.#waiting.add(waiting);
    if (this.#isClosed || (this.#last !== undefined && position < this.#last)) wake();
    return { news: promise.finally(() => this.#waiting.delete(waiting)), wake };
  }

  /** Looks once. */
  async look(): Promise<void> {
    const rows = await this.outbox.after(await this.last());
    if (rows.length === 0) return;
    this.#last = rows.at(-1)!.position;
    this.#recent = [...this.#recent, ...rows].slice(-MOST_RECENT);
    for (const { position, wake } of this.#waiting) if (position < this.#last) wake();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Lets everybody go who waits. */
  close(): void {
    this.#isClosed = true;
    for (const { wake } of this.#waiting) wake();
  }
}
