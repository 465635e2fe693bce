import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';
import { databaseCode, UNIQUE_VIOLATION } from './database-error.js';

/** Two sessions creating the same table at once: one of them trips over the catalogue. */
const RACED = new Set([UNIQUE_VIOLATION, '42P07', '42710']);

/**
 * Runs what is pending, all of it in one transaction that holds the row of `migration_lock`. Processes that start together
 * queue at the row and find nothing left to do; one that dies lets go of it with its connection. A row, unlike an advisory
 * lock, works the same behind a pooler and on the embedded database.
 */
export function runMigrations(dataSource: DataSource): Promise<readonly string[]> {
  return locked(dataSource, async (executor) => (await executor.executePendingMigrations()).map(({ name }) => name));
}

/** Takes the newest migration back. */
export function revertLastMigration(dataSource: DataSource): Promise<void> {
  return locked(dataSource, (executor) => executor.undoLastMigration());
}

async function locked<T>(dataSource: DataSource, work: (executor: MigrationExecutor) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await ensureLockRow(runner);
    await runner.startTransaction();
    await runner.query('select id from migration_lock where id = 1 for update');
    // It joins the open transaction instead of starting its own.
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'all';
    const result = await work(executor);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}

async function ensureLockRow(runner: QueryRunner): Promise<void> {
  for (;;) {
    try {
      await runner.query('create table if not exists migration_lock (id integer primary key)');
      await runner.query('insert into migration_lock (id) values (1) on conflict do nothing');
      return;
    } catch (error) {
      if (!RACED.has(databaseCode(error) ?? '')) throw error;
    }
  }
}
