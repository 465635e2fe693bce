import { IndexRepository, openDatabase, type DataSource } from '@openimo/persistence';
import { startTestDatabase } from '@openimo/persistence/testing';
import type { TestChain } from '@openimo/testing';
import { Indexer, type IndexerOptions } from '../indexing/indexer.js';
import { identityOf } from '../platform/connect.js';
import { JsonRpc } from '../rpc/json-rpc.js';

export type TestIndexOptions = Partial<Omit<IndexerOptions, 'identity' | 'addresses' | 'treasury' | 'index'>> & {
  readonly rpcUrl?: string;
};

/** A read model in a database of its own, filled in this process. */
export class TestIndex {
  private constructor(
    readonly chain: TestChain,
    readonly dataSource: DataSource,
    readonly url: string,
    private readonly drop: () => Promise<void>,
  ) {}

  static async create(chain: TestChain): Promise<TestIndex> {
    const database = await startTestDatabase();
    return new TestIndex(chain, await openDatabase(database.url), database.url, () => database.drop());
  }

  async indexer(options: TestIndexOptions = {}): Promise<Indexer> {
    const index = new IndexRepository(this.dataSource);
    await index.takeOver(identityOf(this.chain.deployment));
    const { rpcUrl: url = this.chain.anvil.rpcUrl, ...rest } = options;
    return new Indexer({
      identity: identityOf(this.chain.deployment),
      addresses: this.chain.addresses,
      treasury: this.chain.deployment.protocolTreasury,
      rpc: new JsonRpc({ url, timeoutMs: 5_000, maxBatch: 100 }),
      index,
      finalityDepth: 64n,
      audit: true,
      maxBlocks: 100,
      pollMs: 20,
      shorterMs: 0,
      ...rest,
    });
  }

  /** Indexes up to the head as it is now, and ends. */
  async catchUp(options: TestIndexOptions = {}): Promise<void> {
    const done = new AbortController();
    const indexer = await this.indexer({
      ...options,
      onEvent: (event) => {
        options.onEvent?.(event);
        if (event.type === 'caughtUp') done.abort();
      },
    });
    await indexer.run(done.signal);
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.drop();
  }
}
