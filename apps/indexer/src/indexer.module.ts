import { type DynamicModule, Module } from '@nestjs/common';
import type { Command } from './command.js';
import type { IndexerConfig } from './config/config.js';
import { connectDatabase, type Logger, readDeployment, type Shutdown, Vitals } from '@openimo/service';
import { IndexerApp } from './indexer-app.js';
import { COMMAND, CONFIG, DATABASE, DEPLOYMENT, LOG, SHUTDOWN } from './platform/tokens.js';

export interface IndexerModuleOptions {
  readonly config: IndexerConfig;
  readonly command: Command;
  readonly log: Logger;
  readonly shutdown: Shutdown;
}

@Module({})
export class IndexerModule {
  static of({ config, command, log, shutdown }: IndexerModuleOptions): DynamicModule {
    return {
      module: IndexerModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: COMMAND, useValue: command },
        { provide: LOG, useValue: log },
        { provide: SHUTDOWN, useValue: shutdown },
        { provide: Vitals, useValue: new Vitals() },
        { provide: DEPLOYMENT, useFactory: () => readDeployment(config.deployment) },
        { provide: DATABASE, useFactory: () => connectDatabase(config.databaseUrl, log, shutdown) },
        {
          provide: IndexerApp,
          inject: [CONFIG, COMMAND, DEPLOYMENT, DATABASE, SHUTDOWN, Vitals, LOG],
          useFactory: (...parts: ConstructorParameters<typeof IndexerApp>) => new IndexerApp(...parts),
        },
      ],
    };
  }
}
