import { readFile } from 'node:fs/promises';
import { createChain, LOCAL_CHAIN_ID, waitForChain } from '@openimo/chain';
import { type Deployment, parseDeployment } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { type DataSource, type IndexIdentity, openDatabase, withRetry } from '@openimo/persistence';
import type { IndexerConfig } from '../config/config.js';
import type { Logger, Shutdown } from '@openimo/service';

export type ConnectErrorCode = 'DeploymentUnreadable' | 'GenesisChanged';

/** Each step waits for what it needs, says so, and is undone by the shutdown. */

export async function readDeployment({ deployment: path }: IndexerConfig): Promise<Deployment> {
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

export async function connectDatabase(config: IndexerConfig, log: Logger, shutdown: Shutdown): Promise<DataSource> {
  const database = await withRetry(() => openDatabase(config.databaseUrl), {
    signal: shutdown.signal,
    onRetry: (err, attempt) => {
      if (attempt === 1) log.warn({ err }, 'waiting for the database');
    },
  });
  shutdown.add('database', () => database.destroy());
  return database;
}

/** @throws DomainError `WrongChain`, `GenesisChanged` */
export async function checkChain(
  config: IndexerConfig,
  deployment: Deployment,
  log: Logger,
  shutdown: Shutdown,
): Promise<void> {
  const chain = createChain({ rpcUrl: config.rpcUrl, chainId: deployment.chainId });
  const patience = setTimeout(() => log.warn('waiting for the chain: the RPC does not answer'), 2_000);
  try {
    await waitForChain(chain, { signal: shutdown.signal });
    const actual = await withRetry(() => chain.genesisHash(), { signal: shutdown.signal });
    if (actual.toLowerCase() === deployment.genesisHash.toLowerCase()) return;
    throw new DomainError<ConnectErrorCode>(
      'GenesisChanged',
      `The chain starts with block ${actual}, the deployment was made on one that starts with ${deployment.genesisHash}. The ` +
        'chain was reset, or OPENIMO_RPC_URL and OPENIMO_DEPLOYMENT do not belong together.',
      { data: { actual, expected: deployment.genesisHash } },
    );
  } finally {
    clearTimeout(patience);
  }
}

export function identityOf({ chainId, genesisHash, addresses, startBlock }: Deployment): IndexIdentity {
  const deployment = Object.values(addresses)
    .map((address) => address.toLowerCase())
    .sort()
    .join(',');
  return { chainId, genesisHash, deployment, startBlock };
}

/** Anvil calls nothing final for 64 blocks either, and a developer's chain should behave like one. */
const LOCAL_FINALITY_DEPTH = 64n;

export function finalityDepth({ finality }: IndexerConfig, chainId: number): bigint | undefined {
  if (finality === undefined) return chainId === LOCAL_CHAIN_ID ? LOCAL_FINALITY_DEPTH : undefined;
  return finality === 'tag' ? undefined : finality;
}
