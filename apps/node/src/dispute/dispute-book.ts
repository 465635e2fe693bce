import { type DisputeRecord, disputesOf, type GameEvent } from '@openimo/disputes';
import type { Hex } from 'viem';

/** The disputes that the events read so far tell of. What it holds is in rows, and is filled from them. */
export class DisputeBook {
  readonly #events = new Map<bigint, GameEvent[]>();
  readonly #requests = new Map<Hex, bigint>();
  readonly #disputes = new Map<bigint, ReadonlyMap<Hex, DisputeRecord>>();
  /** Everything up to here is in it. */
  block: bigint | undefined;

  /** Events that are in it already change nothing. */
  add(events: readonly GameEvent[], block: bigint | undefined): void {
    for (const event of events) {
      if (event.name === 'Challenged') this.#requests.set(event.disputeId, event.requestId);
      const requestId = 'requestId' in event ? event.requestId : this.#requests.get(event.disputeId);
      // Of a dispute that began before anything that is known.
      if (requestId === undefined) continue;
      this.#events.set(requestId, [...(this.#events.get(requestId) ?? []), event]);
      this.#disputes.delete(requestId);
    }
    this.block = block;
  }

  /** Starts over with these. */
  replace(events: readonly GameEvent[], block: bigint | undefined): void {
    this.#events.clear();
    this.#requests.clear();
    this.#disputes.clear();
    this.add(events, block);
  }

  find(id: Hex): DisputeRecord | undefined {
    const requestId = this.#requests.get(id);
    return requestId === undefined ? undefined : this.#of(requestId).get(id);
  }

  all(): DisputeRecord[] {
    return [...this.#events.keys()].flatMap((requestId) => [...this.#of(requestId).values()]);
  }

  #of(requestId: bigint): ReadonlyMap<Hex, DisputeRecord> {
    const known = this.#disputes.get(requestId);
    if (known) return known;
    const disputes = disputesOf(this.#events.get(requestId) ?? []);
    this.#disputes.set(requestId, disputes);
    return disputes;
  }
}
