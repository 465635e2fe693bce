import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { lockFolder } from './folder-lock.js';
import { startWireServer } from './wire-server.js';

export interface EmbeddedPostgresOptions {
  /** Holds the data and the lock; made if it is not there. */
  readonly folder: string;
  /** A free one by default. */
  readonly port?: number;
  /** How long a client may hold an open transaction in silence while others wait, in milliseconds. 30 s by default. */
  readonly transactionIdleMs?: number;
  /** The database broke and answers nothing any more. By default the error becomes an uncaught exception. */
  readonly onBroken?: (error: unknown) => void;
}

export interface EmbeddedPostgres {
  readonly url: string;
  close(): Promise<void>;
}

/** Optimising as much WebAssembly as a database takes a second of processor time and more, and makes statements a tenth faster. */
const UNOPTIMISED = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/**
 * PostgreSQL inside this process, for development and tests, served to ordinary `pg` clients on the loopback interface. Best run
 * in a process of its own (`spawnEmbeddedPostgres`): it takes some 500 MB, its queries block the event loop, and WebAssembly that is loaded
 * after it is not optimised either.
 *
 * @throws DomainError `DataFolderInUse` when another process serves the folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const lock = await lockFolder(options.folder);
  try {
    const dataDir = join(options.folder, 'data');
    await mkdir(dataDir, { recursive: true });
    // Loaded only here: it is large, and most processes that import this package are mere clients.
    const { PGlite } = await import('@electric-sql/pglite');
    for (const flag of UNOPTIMISED) setFlagsFromString(flag);
    const pglite = await PGlite.create({ dataDir });
    try {
      const { rows } = await pglite.query<{ server_version: string }>('show server_version');
      const server = await startWireServer({
        session: { execute: (messages) => pglite.execProtocolRaw(messages) },
        port: options.port ?? 0,
        serverVersion: rows[0]!.server_version,
        transactionIdleMs: options.transactionIdleMs,
        onBroken: options.onBroken ?? throwUncaught,
      });
      return {
        url: `postgres://postgres@127.0.0.1:${server.port}/postgres`,
        close: async () => {
          await server.close();
          await pglite.close();
          await lock.release();
        },
      };
    } catch (error) {
      await pglite.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
