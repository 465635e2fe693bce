import { Module } from '@nestjs/common';
import type { Chain } from '@openimo/chain';
import { type DataSource, IndexStatusRepository } from '@openimo/persistence';
import { type HealthOptions, HealthRoutes, type Logger, Vitals } from '@openimo/service';
import type { ApiConfig } from '../config/config.js';
import { repository } from '../platform/repository.js';
import { CHAIN, CONFIG, DATABASE, LOG } from '../platform/tokens.js';
import { ApiMetrics } from './metrics.js';
import { Monitor } from './monitor.js';
import { OperationsPlugin } from './operations.plugin.js';

/** What `HealthServer` needs. */
export const HEALTH = Symbol('HealthOptions');

@Module({
  providers: [
    repository(IndexStatusRepository),
    { provide: Vitals, useFactory: () => new Vitals() },
    {
      provide: Monitor,
      inject: [DATABASE, IndexStatusRepository, CHAIN, CONFIG, Vitals, LOG],
      useFactory: (...parts: [DataSource, IndexStatusRepository, Chain, ApiConfig, Vitals, Logger]) =>
        new Monitor(...parts),
    },
    {
      provide: ApiMetrics,
      inject: [CONFIG, Vitals, Monitor],
      useFactory: ({ name }: ApiConfig, vitals: Vitals, monitor: Monitor) => new ApiMetrics(name, vitals, monitor),
    },
    {
      provide: HEALTH,
      inject: [CONFIG, Vitals, Monitor, ApiMetrics, LOG],
      useFactory: (
        { name }: ApiConfig,
        vitals: Vitals,
        monitor: Monitor,
        { registry: metrics }: ApiMetrics,
        log: Logger,
      ): HealthOptions => ({ vitals, metrics, log, status: async () => statusOf(name, vitals, monitor) }),
    },
    { provide: HealthRoutes, inject: [HEALTH], useFactory: (options: HealthOptions) => new HealthRoutes(options) },
    OperationsPlugin,
  ],
})
export class HealthModule {}

function statusOf(name: string, vitals: Vitals, monitor: Monitor) {
  const problems = vitals.problems();
  return {
    name,
    ready: problems.length === 0,
    problems,
    indexedBlock: monitor.indexedBlock ?? null,
    finalizedBlock: monitor.finalizedBlock ?? null,
    headBlock: monitor.head?.number ?? null,
    lagBlocks: monitor.lagBlocks ?? null,
  };
}
