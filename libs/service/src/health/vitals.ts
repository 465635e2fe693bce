export interface Vital {
  readonly ok: boolean;
  readonly reason?: string;
  readonly since: Date;
}

/** How the parts of a service are, by name. Parts report; the health server tells. */
export class Vitals {
  readonly #vitals = new Map<string, Vital>();
  readonly #warnings = new Map<string, readonly string[]>();

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

  /** What is wrong with single things that a part looks after, in the place of what it said before: told, and no reason not to be ready. */
  warn(name: string, reasons: readonly string[]): void {
    this.#warnings.set(name, [...reasons]);
  }

  /** By the part that gave them. */
  allWarnings(): ReadonlyMap<string, readonly string[]> {
    return this.#warnings;
  }

  warnings(): string[] {
    return [...this.#warnings].flatMap(([name, reasons]) => reasons.map((reason) => `${name}: ${reason}`));
  }

  /** What is wrong; empty when the service is ready. */
  problems(): string[] {
    return [...this.#vitals]
      .filter(([, { ok }]) => !ok)
      .map(([name, { reason }]) => (reason ? `${name}: ${reason}` : name));
  }
}
