import { createChain, LOCAL_CHAIN_ID, waitForChain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { type IndexIdentity, withRetry } from '@openimo/persistence';
import type { IndexerConfig } from '../config/config.js';
import type { Logger, Shutdown } from '@openimo/service';

export type ConnectErrorCode = 'GenesisChanged';

/** Each step waits for what it needs, says so, and is undone by the shutdown. */

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
