import 'reflect-metadata';
import { isDomainError } from '@openimo/domain';
import { NestFactory } from '@nestjs/core';
import { readCommand } from './command.js';
import { readConfig } from './config/config.js';
import { IndexerApp } from './indexer-app.js';
import { IndexerModule } from './indexer.module.js';
import { createLogger } from './log/logger.js';
import { NestLog } from './log/nest-log.js';
import { Shutdown } from './shutdown/shutdown.js';
import { shutDownOnSignals } from './shutdown/signals.js';

/** Ends with 0 after a signal or when it is done, with 1 after an error that does not pass by itself. */
async function main(): Promise<number> {
  const command = readCommand(process.argv.slice(2));
  const config = readConfig(process.env);
  const log = createLogger(config);
  const shutdown = new Shutdown();
  shutDownOnSignals(shutdown);
  try {
    const context = await NestFactory.createApplicationContext(IndexerModule.of({ config, command, log, shutdown }), {
      logger: new NestLog(log),
      abortOnError: false,
    });
    shutdown.add('application context', () => context.close());
    await context.get(IndexerApp).run();
  } catch (error) {
    if (error !== shutdown.signal.reason) {
      log.fatal({ err: error }, 'the indexer cannot go on');
      await shutdown.fail(error);
    }
  }
  await shutdown.run(new Error('done'));
  log.info({ reason: (shutdown.signal.reason as Error).message }, 'ended');
  return shutdown.exitCode;
}

try {
  process.exitCode = await main();
} catch (error) {
  // Configuration, before there is a log.
  process.stderr.write(`${isDomainError(error) ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
// Whatever still holds the event loop must not hold the process: everything of value is in rows.
setTimeout(() => process.exit(), 1_000).unref();
