import 'reflect-metadata';
import { isDomainError } from '@openimo/domain';
import { NestFactory } from '@nestjs/core';
import { readConfig } from './config/config.js';
import { createLogger } from './log/logger.js';
import { NestLog } from './log/nest-log.js';
import { NodeModule } from './node.module.js';
import { OperatorNode } from './operator-node.js';
import { Shutdown } from './shutdown/shutdown.js';
import { shutDownOnSignals } from './shutdown/signals.js';

/** Ends with 0 after a signal, with 1 after an error that does not pass by itself. */
async function main(): Promise<number> {
  const config = readConfig(process.env);
  const log = createLogger(config);
  const shutdown = new Shutdown();
  shutDownOnSignals(shutdown);
  try {
    const context = await NestFactory.createApplicationContext(NodeModule.of({ config, log, shutdown }), {
      logger: new NestLog(log),
      abortOnError: false,
    });
    shutdown.add('application context', () => context.close());
    await context.get(OperatorNode).run();
  } catch (error) {
    if (error !== shutdown.signal.reason) {
      log.fatal({ err: error }, 'the node cannot go on');
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
