import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import { spawnEmbeddedPostgres } from '../embedded/spawn-embedded-postgres.js';
import { makeDatabaseFolder, startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { inTransaction, openDatabase } from './open-database.js';
import { revertLastMigration, runMigrations } from './run-migrations.js';
import { withRetry } from './with-retry.js';

const MIGRATE = fileURLToPath(new URL('../../dist/testing/migrate-once.js', import.meta.url));

async function tables(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ name: string }[]>(
    `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe('migrations', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await startTestDatabase({ empty: true });
  });
  afterEach(() => database.drop());

  it('run once when several processes start at the same moment', async () => {
    const processes = [1, 2, 3, 4].map(() =>
      spawn(process.execPath, ['--no-warnings', MIGRATE, database.url], { stdio: 'inherit' }),
    );
    const exits = await Promise.all(processes.map((each) => once(each, 'exit')));

    expect(exits.map(([code]) => code)).toEqual([0, 0, 0, 0]);
    const dataSource = await openDatabase(database.url);
    expect(await dataSource.query('select count(*)::int as count from migrations')).toEqual([
      { count: MIGRATIONS.length },
    ]);
    await dataSource.destroy();
  });

  it('go down to nothing and up again to the tables of the entities', async () => {
    const dataSource = await openDatabase(database.url);
    const before = await tables(dataSource);
    for (let left = MIGRATIONS.length; left > 0; left--) await revertLastMigration(dataSource);
    expect(await tables(dataSource)).toEqual(['migration_lock', 'migrations']);

    expect(await runMigrations(dataSource)).toHaveLength(MIGRATIONS.length);
    expect(await tables(dataSource)).toEqual(before);
    await expectTablesOfEntities(dataSource);
    await dataSource.destroy();
  });

  it('have no part when they fail', async () => {
    const dataSource = await openDatabase(database.url, { migrate: false });
    // In the way of the last table, so that those before it are made first.
    await dataSource.query('create table jobs (n int)');

    await expect(runMigrations(dataSource)).rejects.toThrow('already exists');
    expect(await tables(dataSource)).toEqual(['jobs', 'migration_lock']);
    await dataSource.destroy();
  });
});

describe('a database that is away', () => {
  it('is reported as retryable, at first and later', async () => {
    const folder = await makeDatabaseFolder();
    const first = await spawnEmbeddedPostgres({ folder });
    const dataSource = await openDatabase(first.url);
    await first.kill();

    const unavailable = { code: 'DatabaseUnavailable', retryable: true };
    await expect(inTransaction(dataSource, (manager) => manager.query('select 1'))).rejects.toMatchObject(unavailable);
    await expect(openDatabase(first.url)).rejects.toMatchObject(unavailable);
    await dataSource.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  it('costs a wait, when it comes back', async () => {
    const folder = await makeDatabaseFolder();
    const first = await spawnEmbeddedPostgres({ folder });
    const dataSource = await openDatabase(first.url);
    await first.kill();
    const retries: number[] = [];
    const answer = withRetry(() => dataSource.query('select 1 as one'), {
      onRetry: (_, attempt) => retries.push(attempt),
    });

    const second = await spawnEmbeddedPostgres({ folder, port: Number(new URL(first.url).port) });
    expect(await answer).toEqual([{ one: 1 }]);
    expect(retries.length).toBeGreaterThan(0);
    await dataSource.destroy();
    await second.kill();
    await rm(folder, { recursive: true, force: true });
  });
});

async function expectTablesOfEntities(dataSource: DataSource): Promise<void> {
  const tables = await dataSource.query<{ name: string; columns: string[] }[]>(
    `select table_name as name, array_agg(column_name::text order by column_name) as columns
     from information_schema.columns where table_schema = 'public' group by table_name`,
  );
  for (const { tableName, columns } of dataSource.entityMetadatas) {
    const stored = tables.find(({ name }) => name === tableName)?.columns;
    expect([tableName, stored]).toEqual([tableName, columns.map(({ databaseName }) => databaseName).sort()]);
  }
}
