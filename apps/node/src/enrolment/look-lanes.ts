/** Looks side by side: each is a process that may take a core, and so much memory, for as long as it is allowed to. */
const LANES = 3;
/** Of these, taken by looks that were begun before and did not come to an end. */
const LANES_FOR_LATER = 1;

/** What decides whose turn it is. */
export interface Turn {
  /** Looks at the same file that did not come to an end. */
  readonly attempts: number;
  /** Requests may be waiting for it. */
  readonly urgent: boolean;
  /** Families take turns, so that nobody fills the lanes with versions of one. */
  readonly familyId: bigint;
}

interface Waiting {
  readonly turn: Turn;
  readonly begin: () => void;
}

/**
 * Looks at a few files at a time. Those that nobody has looked at come before those that took too long already, which never take
 * all lanes: however many hostile files there are, a new one is looked at as soon as a first look ends.
 */
export class LookLanes {
  readonly #waiting: Waiting[] = [];
  readonly #begun = new Map<bigint, number>();
  #running = 0;
  #later = 0;

  /** Waits for a lane, works, and passes on what comes of it. */
  async run<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ turn, begin });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#running--;
      if (turn.attempts > 0) this.#later--;
      this.#next();
    }
  }

  #next(): void {
    while (this.#running < LANES) {
      const open = this.#waiting.filter(({ turn }) => turn.attempts === 0 || this.#later < LANES_FOR_LATER);
      const [next] = open.sort((a, b) => this.#compare(a.turn, b.turn));
      if (next === undefined) return;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      const { attempts, familyId } = next.turn;
      this.#running++;
      if (attempts > 0) this.#later++;
      this.#begun.set(familyId, this.#begunOf(familyId) + 1);
      next.begin();
    }
  }

  /** In the order in which they came where nothing else decides. */
  #compare(a: Turn, b: Turn): number {
    return (
      Number(b.urgent) - Number(a.urgent) ||
      a.attempts - b.attempts ||
      this.#begunOf(a.familyId) - this.#begunOf(b.familyId)
    );
  }

  #begunOf(familyId: bigint): number {
    return this.#begun.get(familyId) ?? 0;
  }
}
