import { Counter, createMetrics, Gauge, Histogram, type Registry, type Vitals } from '@openimo/service';
import type { Monitor } from './monitor.js';

/** Seconds; the bar for a dashboard is 25 ms. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** How an operation ended, for whoever counts. Labels have few values: nothing that a client chooses is one. */
export interface OperationEnd {
  readonly type: 'query' | 'mutation' | 'subscription' | 'none';
  /** `ok`, or the `extensions.code` of the first error. */
  readonly outcome: string;
  readonly seconds: number;
}

export class ApiMetrics {
  readonly registry: Registry;
  readonly #seconds: Histogram;
  readonly #operations: Counter;

  constructor(service: string, vitals: Vitals, monitor: Monitor) {
    this.registry = createMetrics({ service, vitals });
    const registers = [this.registry];
    this.#seconds = new Histogram({
      name: 'openimo_api_operation_seconds',
      help: 'From a parsed request to its answer, by type of operation.',
      labelNames: ['type'],
      buckets: BUCKETS,
      registers,
    });
    this.#operations = new Counter({
      name: 'openimo_api_operations_total',
      help: 'GraphQL operations over HTTP by how they ended: ok, or the code of the first error.',
      labelNames: ['type', 'outcome'],
      registers,
    });
    const gauge = (name: string, help: string, read: () => bigint | number | undefined) =>
      new Gauge({
        name: `openimo_api_${name}`,
        help,
        registers,
        collect() {
          this.set(Number(read() ?? NaN));
        },
      });
    gauge('indexed_block', 'Newest block in the read model.', () => monitor.indexedBlock);
    gauge('finalized_block', 'Newest final block in the read model.', () => monitor.finalizedBlock);
    gauge('head_block', 'Newest block of the chain.', () => monitor.head?.number);
    gauge('lag_blocks', 'Blocks between the head and the read model.', () => monitor.lagBlocks);
    gauge('head_age_seconds', 'Age of the newest block.', () => monitor.headAgeSeconds);
  }

  count({ type, outcome, seconds }: OperationEnd): void {
    this.#operations.inc({ type, outcome });
    this.#seconds.observe({ type }, seconds);
  }
}
