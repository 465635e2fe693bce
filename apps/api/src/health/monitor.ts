import type { Chain } from '@openimo/chain';
import type { DataSource, IndexStatusRepository } from '@openimo/persistence';
import { type Logger, pause, type Vitals } from '@openimo/service';

const EVERY_MS = 2_000;
/** Blocks that the read model may be behind before its answers count as old. */
const LATE_BLOCKS = 20n;

export interface MonitorLimits {
  /** Seconds that the latest block may be old. */
  readonly maxHeadAgeSeconds: number;
}

/** Looks after what the answers stand on: the database, the chain, and how far the read model is behind it. */
export class Monitor {
  /** Undefined while not known. */
  indexedBlock: bigint | undefined;
  finalizedBlock: bigint | undefined;
  head: { readonly number: bigint; readonly timestamp: number } | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly readModel: IndexStatusRepository,
    private readonly chain: Chain,
    private readonly limits: MonitorLimits,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  get lagBlocks(): bigint | undefined {
    if (this.head === undefined || this.indexedBlock === undefined) return undefined;
    const lag = this.head.number - this.indexedBlock;
    return lag < 0n ? 0n : lag;
  }

  get headAgeSeconds(): number | undefined {
    return this.head === undefined ? undefined : Math.floor(Date.now() / 1_000) - this.head.timestamp;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal);
      await pause(EVERY_MS, signal);
    }
  }

  async look(signal: AbortSignal): Promise<void> {
    await this.#probe('database', signal, () => this.#database());
    await this.#probe('chain', signal, () => this.#latestBlock());
    await this.#probe('indexer', signal, () => this.#readModel());
  }

  async #probe(part: string, signal: AbortSignal, probe: () => Promise<string | undefined>): Promise<void> {
    const problem = await probe().catch(() => 'does not answer');
    // What fails while everything ends is no news.
    if (signal.aborted) return;
    if (!this.vitals.set(part, problem === undefined, problem)) return;
    if (problem === undefined) this.log.info({ part }, `${part} is well`);
    else this.log.warn({ part, problem }, `${part}: ${problem}`);
  }

  async #database(): Promise<undefined> {
    await this.dataSource.query('select 1');
  }

  async #latestBlock(): Promise<string | undefined> {
    const { number, timestamp } = await this.chain.client.getBlock({ blockTag: 'latest' });
    this.head = { number, timestamp: Number(timestamp) };
    const age = this.headAgeSeconds!;
    return age > this.limits.maxHeadAgeSeconds ? `the latest block is ${age} s old` : undefined;
  }

  async #readModel(): Promise<string | undefined> {
    const state = await this.readModel.find(this.chain.id);
    this.indexedBlock = state?.blockNumber ?? undefined;
    this.finalizedBlock = state?.finalizedBlock ?? undefined;
    if (this.indexedBlock === undefined) return 'nothing is indexed yet';
    const lag = this.lagBlocks ?? 0n;
    return lag > LATE_BLOCKS ? `${lag} blocks behind the head` : undefined;
  }
}
