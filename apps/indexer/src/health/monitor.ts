import type { DataSource, IndexState } from '@openimo/persistence';
import { describeError, type Logger, pause, type Vitals } from '@openimo/service';
import type { IndexerEvent } from '../indexing/indexer.js';

/** Blocks behind the head from which on the read model counts as late. */
const LATE_BLOCKS = 20n;
const WATCH_EVERY_MS = 2_000;

/** Watches the indexer: what it did, how far it is, what is wrong. */
export class Monitor {
  state: IndexState | undefined;
  events = 0;
  rollbacks = 0;
  rolledBackBlocks = 0;
  troubles = 0;
  #lastTrouble: string | undefined;

  constructor(
    private readonly vitals: Vitals,
    private readonly log: Logger,
    private readonly maxHeadAgeSeconds: number,
  ) {}

  see(event: IndexerEvent): void {
    if (event.type === 'trouble') return this.#onTrouble(event.error);
    if (event.type === 'startedOver') {
      this.log.error({ err: event.error }, 'the chain changed below what was final; everything is read again');
      return;
    }
    this.state = event.state;
    this.#lastTrouble = undefined;
    this.vitals.set('indexing', true);
    this.vitals.set('lag', this.lagBlocks <= LATE_BLOCKS, `${this.lagBlocks} blocks behind the head`);
    if (event.type === 'indexed') {
      this.events += event.logs;
      const { blocks, logs } = event;
      this.log.debug({ block: event.state.blockNumber, blocks, logs }, 'indexed');
    } else if (event.type === 'rolledBack') {
      this.rollbacks++;
      this.rolledBackBlocks += Number(event.blocks);
      this.log.warn({ to: event.state.blockNumber, blocks: event.blocks }, 'the chain reorganised');
    } else {
      this.#checkAge();
    }
  }

  get lagBlocks(): bigint {
    const { headBlock, blockNumber } = this.state ?? {};
    return (headBlock ?? 0n) - (blockNumber ?? 0n);
  }

  /** Undefined while there is no block. */
  get headAgeSeconds(): number | undefined {
    const at = this.state?.blockAt?.getTime();
    return at === undefined ? undefined : Math.floor((Date.now() - at) / 1_000);
  }

  /** Looks after what indexing itself may not touch for a while: the database, and the age of the chain. */
  async watch(database: DataSource, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const answers = await database.query('select 1').then(
        () => true,
        () => false,
      );
      if (signal.aborted) return;
      if (this.vitals.set('database', answers, 'does not answer')) {
        if (answers) this.log.info({ part: 'database' }, 'database is well');
        else this.log.warn({ part: 'database' }, 'database: does not answer');
      }
      this.#checkAge();
      await pause(WATCH_EVERY_MS, signal);
    }
  }

  #checkAge(): void {
    const age = this.headAgeSeconds;
    if (age === undefined) return;
    this.vitals.set('chain', age <= this.maxHeadAgeSeconds, `the latest block is ${age} s old`);
  }

  #onTrouble(error: unknown): void {
    this.troubles++;
    const { code, message } = describeError(error) as { code?: string; message: string };
    this.vitals.set('indexing', false, message);
    // The same trouble again and again is said once.
    if (this.#lastTrouble === code) this.log.debug({ err: error }, 'still waiting');
    else this.log.warn({ err: error }, 'trying again');
    this.#lastTrouble = code;
  }
}
