import { isDomainError } from '@openimo/domain';
import { createLogger, type LogConfig, type Logger } from '../log/logger.js';
import { Shutdown } from '../shutdown/shutdown.js';
import { shutDownOnSignals } from '../shutdown/signals.js';

export interface ServiceParts<C extends LogConfig> {
  readonly config: C;
  readonly log: Logger;
  readonly shutdown: Shutdown;
}

export interface Service<C extends LogConfig> {
  /** As in "the indexer cannot go on". */
  readonly what: string;
  /** What it throws is printed, without a log. */
  readonly readConfig: () => C;
  /** Ends when the shutdown's signal aborts, or when the work is done. */
  readonly run: (parts: ServiceParts<C>) => Promise<void>;
}

/** What still holds the event loop after the end must not hold the process: everything of value is in rows. */
const LINGER_MS = 1_000;

/**
 * The whole life of a process. Its exit code is 0 after a signal or when it is done, 1 after an error that does not pass by
 * itself.
 */
export async function runService<C extends LogConfig>(service: Service<C>): Promise<void> {
  try {
    process.exitCode = await live(service);
  } catch (error) {
    // Configuration, before there is a log.
    process.stderr.write(`${isDomainError(error) ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

async function live<C extends LogConfig>({ what, readConfig, run }: Service<C>): Promise<number> {
  const config = readConfig();
  const log = createLogger(config);
  const shutdown = new Shutdown();
  shutDownOnSignals(shutdown);
  try {
    await run({ config, log, shutdown });
  } catch (error) {
    if (error !== shutdown.signal.reason) {
      log.fatal({ err: error }, `${what} cannot go on`);
      await shutdown.fail(error);
    }
  }
  await shutdown.run(new Error('done'));
  log.info({ reason: (shutdown.signal.reason as Error).message }, 'ended');
  return shutdown.exitCode;
}
