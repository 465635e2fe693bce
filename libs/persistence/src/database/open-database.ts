import 'reflect-metadata';
import { DataSource, type EntityManager } from 'typeorm';
import { SilentLogger } from './silent-logger.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from '../migrations/index.js';
import { classified } from './database-error.js';
import { runMigrations } from './run-migrations.js';

export interface OpenDatabaseOptions {
  /** Connections of this process. 1 in the development stack, where everybody shares one session. */
  readonly poolSize?: number;
  /** Brings the schema up to date first; several processes may do so at once. True by default. */
  readonly migrate?: boolean;
  /** How long a connection may take, in milliseconds. */
  readonly connectTimeoutMs?: number;
  /** The longest a statement may run, in milliseconds. The embedded database has no such limit; there only we stop waiting. */
  readonly statementTimeoutMs?: number;
}

/**
 * Connects to PostgreSQL, embedded or real. The pool reconnects by itself; what fails meanwhile fails with the retryable
 * `DatabaseUnavailable`.
 *
 * @throws DomainError `DatabaseUnavailable` when nothing answers at `url`.
 */
export function openDatabase(url: string, options: OpenDatabaseOptions = {}): Promise<DataSource> {
  const { poolSize = 1, migrate = true, connectTimeoutMs = 5_000, statementTimeoutMs } = options;
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    poolSize,
    entities: [...ENTITIES],
    migrations: [...MIGRATIONS],
    migrationsTableName: 'migrations',
    synchronize: false,
    // It would print; what fails is thrown as well.
    logger: new SilentLogger(),
    // TypeORM would create the extension for uuid columns; we have none.
    installExtensions: false,
    connectTimeoutMS: connectTimeoutMs,
    // A lost idle connection is no news: the next query opens another.
    poolErrorHandler: () => undefined,
    extra: { keepAlive: true, ...timeouts(statementTimeoutMs) },
  });
  return classified(async () => {
    await dataSource.initialize();
    try {
      if (migrate) await runMigrations(dataSource);
      return dataSource;
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
  });
}

/** The server ends the statement; the client gives up a moment later, for a server that does not. */
function timeouts(statementMs: number | undefined) {
  return statementMs === undefined ? {} : { statement_timeout: statementMs, query_timeout: statementMs + 1_000 };
}

/** One transaction; its errors are classified as those of repositories are. Hand the manager to every repository used within. */
export function inTransaction<T>(dataSource: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return classified(() => dataSource.transaction(work));
}
