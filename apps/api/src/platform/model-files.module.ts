import { type FactoryProvider, Global, Module } from '@nestjs/common';
import { FolderModelStore, RunnerPool } from '@openimo/inference';
import type { Shutdown } from '@openimo/service';
import type { ApiConfig } from '../config/config.js';
import { CONFIG, SHUTDOWN } from './tokens.js';

/** Tries of one model at once, and of different ones. What people pay for runs elsewhere. */
const POOL = { runnersPerModel: 1, maxModels: 2, queueLimit: 8, runTimeoutMs: 10_000, idleTimeoutMs: 60_000 };

const store: FactoryProvider<Promise<FolderModelStore>> = {
  provide: FolderModelStore,
  inject: [CONFIG],
  useFactory: ({ models, limits }: ApiConfig) => FolderModelStore.open(models, { maxFileBytes: limits.uploadBytes }),
};

const runner: FactoryProvider<RunnerPool> = {
  provide: RunnerPool,
  inject: [FolderModelStore, SHUTDOWN],
  useFactory: (models: FolderModelStore, shutdown: Shutdown) => {
    const pool = new RunnerPool({ store: models, ...POOL });
    shutdown.add('model runners', () => pool.close());
    return pool;
  },
};

/** The model store, which operators read too, and child processes to try models in. */
@Global()
@Module({ providers: [store, runner], exports: [store, runner] })
export class ModelFilesModule {}
