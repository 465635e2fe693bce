import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Vitals } from './vitals.js';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * A registry with what every service measures: the process (CPU, memory, event loop, garbage) and `openimo_vital`, one gauge per
 * part of it, 1 when well. Metrics of its own are made with `registers: [registry]` and names that start with `openimo_`.
 */
export function createMetrics({ service, vitals }: { service: string; vitals: Vitals }): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'openimo_vital',
    help: 'Whether a part of the service is well (1) or not (0).',
    labelNames: ['part'],
    registers: [registry],
    collect() {
      for (const [part, { ok }] of vitals.all()) this.set({ part }, ok ? 1 : 0);
    },
  });
  return registry;
}
