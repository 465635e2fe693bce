import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Vitals } from './vitals.js';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * A registry with what every service measures: the process (CPU, memory, event loop, garbage) `openimo_vital`, one gauge per
 * part of it, 1 when well, and `openimo_warnings`, how many a part has. Metrics of its own are made with `registers: [registry]` and names that start with `openimo_`.
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
  new Gauge({
    name: 'openimo_warnings',
    help: 'What is wrong with single things that a part of the service looks after; /status names them.',
    labelNames: ['part'],
    registers: [registry],
    collect() {
      for (const [part, reasons] of vitals.allWarnings()) this.set({ part }, reasons.length);
    },
  });
  return registry;
}
