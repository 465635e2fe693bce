import { checksBusy } from './draft.errors.js';

/** Lets a few checks run at a time, and as many wait as will get their turn soon. Every account has one turn at most. */
export class CheckQueue {
  readonly #waiting: (() => void)[] = [];
  readonly #accounts = new Set<string>();
  #running = 0;

  constructor(
    private readonly atOnce: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws DomainError `ChecksBusy` */
  async run<T>(account: string, check: () => Promise<T>): Promise<T> {
    const isFull = this.#running >= this.atOnce && this.#waiting.length >= this.mostWaiting;
    if (isFull || this.#accounts.has(account)) throw checksBusy();
    this.#accounts.add(account);
    try {
      if (this.#running >= this.atOnce) await new Promise<void>((turn) => this.#waiting.push(turn));
      else this.#running += 1;
      return await this.#turn(check);
    } finally {
      this.#accounts.delete(account);
    }
  }

  /** Whoever is next takes over the place; it is given up when nobody is. */
  async #turn<T>(check: () => Promise<T>): Promise<T> {
    try {
      return await check();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
