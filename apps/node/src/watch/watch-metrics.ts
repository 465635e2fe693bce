import type { WatchedAnswerRepository } from '@openimo/persistence';
import { Gauge, type Registry } from '@openimo/service';

/** What a watcher has seen, and how far behind it is. Without the database there is nothing to tell. */
export function addWatchMetrics(registry: Registry, answers: WatchedAnswerRepository): void {
  const gauge = (name: string, help: string, collect: (this: Gauge) => Promise<void>, labelNames: string[] = []) =>
    new Gauge({ name: `openimo_node_${name}`, help, labelNames, registers: [registry], collect });
  gauge(
    'watched_answers',
    'Answers of others by what we think of them.',
    async function () {
      const counts = await answers.countByStatus().catch(() => ({}));
      this.reset();
      for (const [status, count] of Object.entries(counts)) this.set({ status }, count);
    },
    ['status'],
  );
  gauge('watch_lag_seconds', 'How long the answer has waited that has waited longest to be judged.', async function () {
    const { oldestSince } = await answers.backlog().catch(() => ({ oldestSince: undefined }));
    this.set(oldestSince === undefined ? 0 : Math.max(0, (Date.now() - oldestSince.getTime()) / 1_000));
  });
}
