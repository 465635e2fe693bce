import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { openDatabase } from '../database/open-database.js';
import { spawnEmbeddedPostgres } from '../embedded/spawn-embedded-postgres.js';

export interface TestDatabase {
  readonly url: string;
  /** Where the embedded database keeps its data; undefined on a real server. */
  readonly folder: string | undefined;
  /** Removes the database and what is in it. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Nothing is in it, not even our tables: whoever opens it migrates. */
  readonly empty?: boolean;
}

/** Initialised data folders to copy: opening a copy takes a tenth of the time that initdb and our migrations take. */
const TEMPLATES = fileURLToPath(new URL('../../dist/.template', import.meta.url));
/** So long the others wait; after that, whoever was to make it has died. */
const MADE_WITHIN_MS = 60_000;
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * A database for one test file with our tables in it: embedded, in a process of its own, or on the server that `DATABASE_URL` names,
 * where it gets a database with a random name, and where whoever opens it migrates.
 */
export async function startTestDatabase(
  options: TestDatabaseOptions = {},
  serverUrl = process.env['DATABASE_URL'],
): Promise<TestDatabase> {
  return serverUrl ? createOnServer(serverUrl) : startEmbedded(options);
}

/** A folder that `spawnEmbeddedPostgres` opens quickly; the caller removes it. */
export async function makeDatabaseFolder({ empty = false }: TestDatabaseOptions = {}): Promise<string> {
  const template = join(TEMPLATES, empty ? 'empty' : await migrationsHash());
  if (!existsSync(template)) await makeTemplate(template, empty);
  const folder = await mkdtemp(join(tmpdir(), 'openimo-pg-'));
  // A thousand small files: synchronously that takes a third of the processor time.
  cpSync(template, folder, { recursive: true });
  return folder;
}

async function startEmbedded(options: TestDatabaseOptions): Promise<TestDatabase> {
  const folder = await makeDatabaseFolder(options);
  const database = await spawnEmbeddedPostgres({ folder });
  return {
    url: database.url,
    folder,
    drop: async () => {
      await database.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One of those who need it makes it, and the others wait: many at once are so slow that none of them gets there in time. */
async function makeTemplate(template: string, empty: boolean): Promise<void> {
  await mkdir(TEMPLATES, { recursive: true });
  const making = `${template}.making`;
  const isFirst = await mkdir(making).then(
    () => true,
    () => false,
  );
  if (!isFirst && (await appears(template))) return;
  const draft = await mkdtemp(`${template}-`);
  const database = await spawnEmbeddedPostgres({ folder: draft });
  if (!empty) await (await openDatabase(database.url)).destroy();
  await database.stop();
  // Should whoever makes it have died, several may.
  await rename(draft, template).catch(() => rm(draft, { recursive: true, force: true }));
  await rm(making, { recursive: true, force: true });
}

async function appears(template: string): Promise<boolean> {
  const giveUpAt = performance.now() + MADE_WITHIN_MS;
  while (!existsSync(template) && performance.now() < giveUpAt) await sleep(100);
  return existsSync(template);
}

/** Names what a template was made by: other migrations, another template. */
async function migrationsHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    if (/^\d+.*\.[jt]s$/.test(name) && !name.endsWith('.d.ts')) hash.update(await readFile(join(MIGRATIONS, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function createOnServer(serverUrl: string): Promise<TestDatabase> {
  const name = `openimo_test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    folder: undefined,
    drop: () => onServer(serverUrl, `drop database ${name} with (force)`),
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const server = await new DataSource({ type: 'postgres', url, installExtensions: false }).initialize();
  try {
    await server.query(sql);
  } finally {
    await server.destroy();
  }
}
