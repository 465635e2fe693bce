import type { IndexState } from '@openimo/persistence';
import type { IndexerEvent } from '../indexing/indexer.js';
import type { Logger } from '../log/logger.js';
import { describeError } from '../log/logger.js';
import type { Vitals } from './vitals.js';

/** Blocks behind the head from which on the read model counts as late. */
const LATE_BLOCKS = 20n;

/** Watches the indexer: what it did, how far it is, what is wrong. */
export class Monitor {
  state: IndexState | undefined;
  events = 0;
  rollbacks = 0;
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
      this.log.warn({ to: event.state.blockNumber, blocks: event.blocks }, 'the chain reorganised');
    } else {
      this.#checkAge(event.state);
    }
  }

  get lagBlocks(): bigint {
    const { headBlock, blockNumber } = this.state ?? {};
    return (headBlock ?? 0n) - (blockNumber ?? 0n);
  }

  /** The Prometheus text format. */
  metrics(): string {
    const lines: string[] = [];
    const metric = (name: string, type: string, help: string, value: bigint | number) => {
      const full = `openimo_indexer_${name}`;
      lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, `${full} ${value}`);
    };
    metric('block', 'gauge', 'Newest block in the read model.', this.state?.blockNumber ?? 0n);
    metric('finalized_block', 'gauge', 'Newest final block in the read model.', this.state?.finalizedBlock ?? 0n);
    metric('head_block', 'gauge', 'Newest block of the chain.', this.state?.headBlock ?? 0n);
    metric('lag_blocks', 'gauge', 'Blocks between the two.', this.lagBlocks);
    metric('events_total', 'counter', 'Logs indexed by this process.', this.events);
    metric('rollbacks_total', 'counter', 'Reorganisations seen by this process.', this.rollbacks);
    metric('outbox_position', 'counter', 'Newest row of the outbox.', this.state?.outboxPosition ?? 0n);
    return `${lines.join('\n')}\n`;
  }

  #checkAge({ blockAt }: IndexState): void {
    if (blockAt === null) return;
    const age = Math.floor((Date.now() - blockAt.getTime()) / 1_000);
    this.vitals.set('chain', age <= this.maxHeadAgeSeconds, `the latest block is ${age} s old`);
  }

  #onTrouble(error: unknown): void {
    const { code, message } = describeError(error) as { code?: string; message: string };
    this.vitals.set('indexing', false, message);
    // The same trouble again and again is said once.
    if (this.#lastTrouble === code) this.log.debug({ err: error }, 'still waiting');
    else this.log.warn({ err: error }, 'trying again');
    this.#lastTrouble = code;
  }
}
