import {
  createPublicClient,
  defineChain,
  http,
  type Chain as ViemChain,
  type HttpTransport,
  type PublicClient,
} from 'viem';
import { DomainError, type Hex } from '@openimo/domain';
import { classified, type ChainErrorCode } from './chain-error.js';

/** Anvil's and Hardhat's chain id: keys of this chain are worth nothing. */
export const LOCAL_CHAIN_ID = 31_337;

export interface ChainOptions {
  readonly rpcUrl: string;
  readonly chainId: number;
  /** Blocks, its own included, after which a transaction counts as settled. 1 on a local chain, 12 elsewhere. */
  readonly confirmations?: number;
  /** How often loops look for something new, in milliseconds. 100 on a local chain, 2,000 elsewhere. */
  readonly pollIntervalMs?: number;
  /** Of one request, in milliseconds. */
  readonly timeoutMs?: number;
  /** Whether requests of the same moment travel as one JSON-RPC batch. */
  readonly batch?: boolean;
}

export interface ChainHealth {
  readonly chainId: number;
  readonly blockNumber: bigint;
  /** Seconds since the newest block, by our clock. */
  readonly blockAgeSeconds: number;
}

export interface Chain {
  readonly id: number;
  readonly isLocal: boolean;
  readonly confirmations: number;
  readonly pollIntervalMs: number;
  readonly client: PublicClient<HttpTransport, ViemChain>;
  genesisHash(): Promise<Hex>;
  /** @throws DomainError `RpcUnavailable`, or `WrongChain` when another chain answers. */
  health(): Promise<ChainHealth>;
}

const TIMEOUT_MS = 10_000;
const RETRIES = 2;
const RETRY_DELAY_MS = 100;
const MOST_IN_A_BATCH = 100;

export function createChain(options: ChainOptions): Chain {
  const { rpcUrl, chainId, timeoutMs = TIMEOUT_MS } = options;
  const isLocal = chainId === LOCAL_CHAIN_ID;
  const pollIntervalMs = options.pollIntervalMs ?? (isLocal ? 100 : 2_000);
  const client = createPublicClient({
    chain: defineChain({
      id: chainId,
      name: `chain ${chainId}`,
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [rpcUrl] } },
    }),
    transport: http(rpcUrl, {
      timeout: timeoutMs,
      retryCount: RETRIES,
      retryDelay: RETRY_DELAY_MS,
      batch: options.batch ? { batchSize: MOST_IN_A_BATCH } : false,
    }),
    pollingInterval: pollIntervalMs,
    // viem would answer block numbers from memory for a polling interval.
    cacheTime: 0,
  });

  return {
    id: chainId,
    isLocal,
    confirmations: options.confirmations ?? (isLocal ? 1 : 12),
    pollIntervalMs,
    client,
    genesisHash: () => classified(async () => (await client.getBlock({ blockNumber: 0n })).hash),
    health: () =>
      classified(async () => {
        const [actual, block] = await Promise.all([client.getChainId(), client.getBlock()]);
        if (actual !== chainId) throw wrongChain(chainId, actual);
        const blockAgeSeconds = Math.max(0, Math.round(Date.now() / 1_000) - Number(block.timestamp));
        return { chainId: actual, blockNumber: block.number, blockAgeSeconds };
      }),
  };
}

function wrongChain(expected: number, actual: number): DomainError<ChainErrorCode> {
  return new DomainError('WrongChain', `The RPC serves chain ${actual}, not ${expected}. Correct its URL.`, {
    data: { expected, actual },
  });
}
