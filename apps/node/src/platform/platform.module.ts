import { type DynamicModule, Module } from '@nestjs/common';
import type { Chain, Signer, TransactionManager } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { TraceService } from '@openimo/disputes';
import type { ModelStore } from '@openimo/domain';
import { FolderModelStore, RunnerPool } from '@openimo/inference';
import { type DataSource, JobRepository } from '@openimo/persistence';
import type { NodeConfig } from '../config/config.js';
import { Effects } from '../effect/effects.js';
import { connectDatabase, type Logger, readDeployment, type Shutdown, Vitals } from '@openimo/service';
import { Protocol } from '../protocol/protocol.js';
import { connectChain, openSigner, startTransactions } from './connect.js';
import {
  CHAIN,
  CONFIG,
  DATABASE,
  DEPLOYMENT,
  JOBS,
  LOG,
  MODEL_RUNNER,
  MODEL_STORE,
  SHUTDOWN,
  SIGNER,
  TRANSACTIONS,
} from './tokens.js';

export interface PlatformOptions {
  readonly config: NodeConfig;
  readonly log: Logger;
  readonly shutdown: Shutdown;
}

/** What every other module stands on: configuration, database, chain, account, models. */
@Module({})
export class PlatformModule {
  static of({ config, log, shutdown }: PlatformOptions): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: LOG, useValue: log },
      { provide: SHUTDOWN, useValue: shutdown },
      { provide: Vitals, useValue: new Vitals() },
      { provide: DEPLOYMENT, useFactory: () => readDeployment(config.deployment) },
      { provide: DATABASE, useFactory: () => connectDatabase(config.databaseUrl, log, shutdown) },
      {
        provide: CHAIN,
        inject: [DEPLOYMENT],
        useFactory: (deployment: Deployment) => connectChain(config, deployment, log, shutdown),
      },
      { provide: SIGNER, inject: [CHAIN], useFactory: (chain: Chain) => openSigner(config, chain) },
      {
        provide: TRANSACTIONS,
        inject: [CHAIN, DEPLOYMENT, SIGNER, DATABASE],
        useFactory: (chain: Chain, deployment: Deployment, signer: Signer, database: DataSource) =>
          startTransactions(config, chain, deployment, signer, database, log, shutdown),
      },
      {
        provide: Effects,
        inject: [TRANSACTIONS, Vitals],
        useFactory: (transactions: TransactionManager, vitals: Vitals) => new Effects(transactions, vitals, log),
      },
      {
        provide: Protocol,
        inject: [CHAIN, DEPLOYMENT, SIGNER],
        useFactory: (chain: Chain, deployment: Deployment, signer: Signer) =>
          new Protocol(chain.client, deployment, signer.address),
      },
      {
        provide: JOBS,
        inject: [DATABASE, CHAIN, SIGNER],
        useFactory: (database: DataSource, chain: Chain, signer: Signer) =>
          new JobRepository(database, chain.id, signer.address),
      },
      { provide: MODEL_STORE, useFactory: () => FolderModelStore.open(config.models) },
      {
        provide: MODEL_RUNNER,
        inject: [MODEL_STORE],
        useFactory: (store: ModelStore) => {
          const runner = new RunnerPool({ store });
          shutdown.add('model runners', () => runner.close());
          return runner;
        },
      },
      {
        provide: TraceService,
        useFactory: () => {
          const tracer = new TraceService();
          shutdown.add('tracing', () => tracer.close());
          return tracer;
        },
      },
    ];
    return { module: PlatformModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}
