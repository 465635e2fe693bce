import { Counter, createMetrics, Gauge, type Registry, type Vitals } from '@openimo/service';
import type { Monitor } from './monitor.js';

/** What the monitor saw, read when somebody asks; NaN for what is not known yet. */
export function indexerMetrics(service: string, vitals: Vitals, monitor: Monitor): Registry {
  const registry = createMetrics({ service, vitals });
  const gauge = (name: string, help: string, read: () => bigint | number | null | undefined) =>
    new Gauge({
      name: `openimo_indexer_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(Number(read() ?? NaN));
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name: `openimo_indexer_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  gauge('block', 'Newest block in the read model.', () => monitor.state?.blockNumber);
  gauge('finalized_block', 'Newest final block in the read model.', () => monitor.state?.finalizedBlock);
  gauge('head_block', 'Newest block of the chain.', () => monitor.state?.headBlock);
  gauge('lag_blocks', 'Blocks between the head and the read model.', () => monitor.lagBlocks);
  gauge('head_age_seconds', 'Age of the newest block in the read model.', () => monitor.headAgeSeconds);
  gauge('outbox_position', 'Newest row of the outbox.', () => monitor.state?.outboxPosition);
  gauge('generation', 'How often a process has taken the read model over.', () => monitor.state?.generation);
  counter('events', 'Logs indexed by this process.', () => monitor.events);
  counter('rollbacks', 'Reorganisations seen by this process.', () => monitor.rollbacks);
  counter('rolled_back_blocks', 'Blocks that reorganisations took back.', () => monitor.rolledBackBlocks);
  counter('troubles', 'Attempts that failed and were repeated.', () => monitor.troubles);
  return registry;
}
