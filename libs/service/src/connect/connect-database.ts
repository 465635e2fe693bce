import { type DataSource, openDatabase, type OpenDatabaseOptions, withRetry } from '@openimo/persistence';
import type { Logger } from '../log/logger.js';
import type { Shutdown } from '../shutdown/shutdown.js';

/** Waits for the database, says so, and lets go of it on shutdown. */
export async function connectDatabase(
  url: string,
  log: Logger,
  shutdown: Shutdown,
  options: OpenDatabaseOptions = {},
): Promise<DataSource> {
  const database = await withRetry(() => openDatabase(url, options), {
    signal: shutdown.signal,
    onRetry: (err, attempt) => {
      if (attempt === 1) log.warn({ err }, 'waiting for the database');
    },
  });
  shutdown.add('database', () => database.destroy());
  return database;
}
