import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { spawnEmbeddedPostgres } from '../embedded/spawn-embedded-postgres.js';

export interface TestDatabase {
  readonly url: string;
  /** Where the embedded database keeps its data; undefined on a real server. */
  readonly folder: string | undefined;
  /** Removes the database and what is in it. */
  drop(): Promise<void>;
}

/** An initialised data folder to copy: opening a copy takes a tenth of the time initdb takes. */
const TEMPLATE = fileURLToPath(new URL('../../dist/.template/pglite', import.meta.url));

/**
 * An empty database for one test file: embedded, in a process of its own, or on the server that `DATABASE_URL` names, where it
 * gets a database with a random name.
 */
export async function startTestDatabase(serverUrl = process.env['DATABASE_URL']): Promise<TestDatabase> {
  return serverUrl ? createOnServer(serverUrl) : startEmbedded();
}

/** A folder that `spawnEmbeddedPostgres` opens quickly; the caller removes it. */
export async function makeDatabaseFolder(): Promise<string> {
  if (!existsSync(TEMPLATE)) await makeTemplate();
  const folder = await mkdtemp(join(tmpdir(), 'openimo-pg-'));
  await cp(TEMPLATE, folder, { recursive: true });
  return folder;
}

async function startEmbedded(): Promise<TestDatabase> {
  const folder = await makeDatabaseFolder();
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

async function makeTemplate(): Promise<void> {
  await mkdir(join(TEMPLATE, '..'), { recursive: true });
  const draft = await mkdtemp(`${TEMPLATE}-`);
  const database = await spawnEmbeddedPostgres({ folder: draft });
  await database.stop();
  // Whoever is first wins; the others throw their copy away.
  await rename(draft, TEMPLATE).catch(() => rm(draft, { recursive: true, force: true }));
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
