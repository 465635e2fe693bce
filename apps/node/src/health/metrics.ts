import type { JobRepository, WatchedAnswerRepository } from '@openimo/persistence';
import { createMetrics, Gauge, type Registry, type Vitals } from '@openimo/service';
import { addDisputeMetrics } from '../dispute/dispute-metrics.js';
import type { DisputeWorker } from '../dispute/dispute.worker.js';
import type { RequestFollower } from '../request/request.follower.js';
import { addWatchMetrics } from '../watch/watch-metrics.js';
import type { Monitor } from './monitor.js';

const WEI_PER_ETH = 1e18;

interface Sources {
  readonly vitals: Vitals;
  readonly monitor: Monitor;
  readonly follower: RequestFollower;
  readonly jobs: JobRepository;
  readonly watched: WatchedAnswerRepository;
  readonly disputes: Pick<DisputeWorker, 'open'>;
}

/** Read when somebody asks; NaN for what is not known yet. */
export function nodeMetrics(service: string, sources: Sources): Registry {
  const { vitals, monitor, follower, jobs, watched, disputes } = sources;
  const registry = createMetrics({ service, vitals });
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name: `openimo_node_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read() ?? NaN);
      },
    });
  gauge('head_block', 'Newest block of the chain.', () => numberOf(monitor.head?.number));
  gauge('followed_block', 'Newest block whose requests are taken in.', () => numberOf(follower.block));
  gauge('head_age_seconds', 'Age of the newest block.', () =>
    monitor.head === undefined ? undefined : Math.floor(Date.now() / 1_000) - monitor.head.timestamp,
  );
  gauge('balance_eth', 'What the account can spend.', () => numberOf(monitor.balance) / WEI_PER_ETH);
  new Gauge({
    name: 'openimo_node_jobs',
    help: 'Requests by how far they are.',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      // Without the database there is nothing to tell; /ready says so, and the other metrics still come.
      const counts = await jobs.countByStatus().catch(() => ({}));
      this.reset();
      for (const [status, count] of Object.entries(counts)) this.set({ status }, count);
    },
  });
  addWatchMetrics(registry, watched);
  addDisputeMetrics(registry, disputes);
  return registry;
}

function numberOf(value: bigint | undefined): number {
  return value === undefined ? NaN : Number(value);
}
