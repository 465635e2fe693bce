/** Values by key, the least recently used forgotten first once they weigh more than `most` together. The newest always stays. */
export class Recent<Value> {
  readonly #values = new Map<string, Value>();

  constructor(
    private readonly most: number,
    private readonly weigh: (value: Value) => number,
  ) {}

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) this.#touch(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#touch(key, value);
    let weight = [...this.#values.values()].reduce((sum, each) => sum + this.weigh(each), 0);
    for (const [oldest, each] of this.#values) {
      if (weight <= this.most || this.#values.size === 1) return;
      this.#values.delete(oldest);
      weight -= this.weigh(each);
    }
  }

  #touch(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
  }
}
