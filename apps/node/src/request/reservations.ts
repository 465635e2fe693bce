/** Stake promised to answers that are on their way, so that two of them are not covered by the same wei. */
export class Reservations {
  readonly #bonds = new Map<bigint, bigint>();

  /** Wei promised to other requests. */
  besides(requestId: bigint): bigint {
    let sum = 0n;
    for (const [id, bond] of this.#bonds) if (id !== requestId) sum += bond;
    return sum;
  }

  hold(requestId: bigint, bond: bigint): void {
    this.#bonds.set(requestId, bond);
  }

  release(requestId: bigint): void {
    this.#bonds.delete(requestId);
  }
}
