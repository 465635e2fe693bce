export interface Vital {
  readonly ok: boolean;
  readonly reason?: string;
  readonly since: Date;
}

/** How the parts of a service are, by name. Parts report; the health server tells. */
export class Vitals {
  readonly #vitals = new Map<string, Vital>();

  /** @returns whether this is news */
  set(name: string, ok: boolean, reason?: string): boolean {
    const before = this.#vitals.get(name);
    const news = before?.ok !== ok;
    this.#vitals.set(name, { ok, reason: ok ? undefined : reason, since: news ? new Date() : before.since });
    return news;
  }

  get(name: string): Vital | undefined {
    return this.#vitals.get(name);
  }

  all(): ReadonlyMap<string, Vital> {
    return this.#vitals;
  }

  /** What is wrong; empty when the service is ready. */
  problems(): string[] {
    return [...this.#vitals]
      .filter(([, { ok }]) => !ok)
      .map(([name, { reason }]) => (reason ? `${name}: ${reason}` : name));
  }
}
