import { readFile } from 'node:fs/promises';
import { type Deployment, parseDeployment } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { type DataSource, openDatabase, withRetry } from '@openimo/persistence';
import type { Logger, Shutdown } from '@openimo/service';
import type { ApiConfig } from '../config/config.js';

export type ConnectErrorCode = 'DeploymentUnreadable';

export async function readDeployment({ deployment: path }: ApiConfig): Promise<Deployment> {
  try {
    return parseDeployment(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new DomainError<ConnectErrorCode>(
      'DeploymentUnreadable',
      `The deployment record ${path} cannot be read. OPENIMO_DEPLOYMENT names the JSON that deploying the contracts wrote.`,
      { data: { path }, cause },
    );
  }
}

/** Waits for the database, says so, and lets go of it on shutdown. */
export async function connectDatabase(config: ApiConfig, log: Logger, shutdown: Shutdown): Promise<DataSource> {
  const options = { poolSize: config.databasePool, statementTimeoutMs: config.limits.statementMs };
  const database = await withRetry(() => openDatabase(config.databaseUrl, options), {
    signal: shutdown.signal,
    onRetry: (err, attempt) => {
      if (attempt === 1) log.warn({ err }, 'waiting for the database');
    },
  });
  shutdown.add('database', () => database.destroy());
  return database;
}
