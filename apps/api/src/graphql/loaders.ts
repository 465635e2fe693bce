import DataLoader from 'dataloader';

/** Keys that are equal as text are the same key. */
type Key = string | bigint | number;

/**
 * The dataloaders of one request: what its fields ask for one by one is fetched together, once. A subscription has no cache,
 * since its events are moments apart.
 */
export class Loaders {
  readonly #loaders = new Map<string, DataLoader<never, unknown, string>>();

  constructor(private readonly options: { readonly cache: boolean } = { cache: true }) {}

  /**
   * A value by key, null where there is none.
   * @param name of what is loaded, unique in the API; with arguments, if there are any
   * @param fetch finds what there is, in no order
   * @param keyOf the key of what was found
   */
  one<K extends Key, V>(
    name: string,
    fetch: (keys: readonly K[]) => Promise<readonly V[]>,
    keyOf: (value: V) => K,
  ): DataLoader<K, V | null, string> {
    return this.#loader(name, async (keys) => {
      const found = new Map((await fetch(keys)).map((value) => [String(keyOf(value)), value]));
      return keys.map((key) => found.get(String(key)) ?? null);
    });
  }

  /** All values that belong to a key, in the order in which they were found. */
  many<K extends Key, V>(
    name: string,
    fetch: (keys: readonly K[]) => Promise<readonly V[]>,
    keyOf: (value: V) => K | null,
  ): DataLoader<K, readonly V[], string> {
    return this.#loader(name, async (keys) => {
      const found = new Map(keys.map((key) => [String(key), [] as V[]]));
      for (const value of await fetch(keys)) found.get(String(keyOf(value)))?.push(value);
      return keys.map((key) => found.get(String(key))!);
    });
  }

  /** A value for each key, in the order of the keys. */
  each<K extends Key, V>(name: string, fetch: (keys: readonly K[]) => Promise<readonly V[]>): DataLoader<K, V, string> {
    return this.#loader(name, fetch);
  }

  #loader<K extends Key, V>(
    name: string,
    batch: (keys: readonly K[]) => Promise<readonly V[]>,
  ): DataLoader<K, V, string> {
    let loader = this.#loaders.get(name) as DataLoader<K, V, string> | undefined;
    if (loader === undefined) {
      loader = new DataLoader<K, V, string>(batch, { ...this.options, cacheKeyFn: String, maxBatchSize: 1_000 });
      this.#loaders.set(name, loader as unknown as DataLoader<never, unknown, string>);
    }
    return loader;
  }
}
