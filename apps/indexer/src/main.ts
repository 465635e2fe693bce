import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { NestLog, runService } from '@openimo/service';
import { readCommand } from './command.js';
import { readConfig } from './config/config.js';
import { IndexerApp } from './indexer-app.js';
import { IndexerModule } from './indexer.module.js';

await runService({
  what: 'the indexer',
  readConfig: () => ({ ...readConfig(process.env), command: readCommand(process.argv.slice(2)) }),
  run: async ({ config, log, shutdown }) => {
    const { command } = config;
    const context = await NestFactory.createApplicationContext(IndexerModule.of({ config, command, log, shutdown }), {
      logger: new NestLog(log),
      abortOnError: false,
    });
    shutdown.add('application context', () => context.close());
    await context.get(IndexerApp).run();
  },
});
