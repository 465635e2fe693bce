import { readFile } from 'node:fs/promises';
import {
  type Chain,
  createChain,
  KeystoreSigner,
  LocalKeySigner,
  type Signer,
  TransactionManager,
  waitForChain,
} from '@openimo/chain';
import {
  auditsAbi,
  type Deployment,
  disputeGameAbi,
  inferenceOracleAbi,
  operatorRegistryAbi,
  revenueRouterAbi,
} from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { type DataSource, TransactionRepository, withRetry } from '@openimo/persistence';
import type { NodeConfig } from '../config/config.js';
import { checkGenesis } from '../health/monitor.js';
import type { Logger, Shutdown } from '@openimo/service';
import { answerGuard } from '../request/answer-guard.js';

export type ConnectErrorCode = 'KeystoreUnreadable';

/** Each step waits for what it needs, says so, and is undone by the shutdown. */

export async function connectChain(
  config: NodeConfig,
  deployment: Deployment,
  log: Logger,
  shutdown: Shutdown,
): Promise<Chain> {
  const chain = createChain({
    rpcUrl: config.rpcUrl,
    chainId: deployment.chainId,
    pollIntervalMs: config.pollMs,
  });
  const patience = setTimeout(() => log.warn('waiting for the chain: the RPC does not answer'), 2_000);
  try {
    await waitForChain(chain, { signal: shutdown.signal });
    await checkGenesis(chain.client, deployment.genesisHash);
  } finally {
    clearTimeout(patience);
  }
  return chain;
}

export async function openSigner({ signer }: NodeConfig, chain: Chain): Promise<Signer> {
  if (signer.kind === 'key') return new LocalKeySigner(signer.privateKey, chain.id);
  let json: string;
  try {
    json = await readFile(signer.path, 'utf8');
  } catch (cause) {
    throw new DomainError<ConnectErrorCode>('KeystoreUnreadable', `The keystore ${signer.path} cannot be read.`, {
      data: { path: signer.path },
      cause,
    });
  }
  return KeystoreSigner.open(json, { password: signer.password });
}

export async function startTransactions(
  { leaseMs }: NodeConfig,
  chain: Chain,
  deployment: Deployment,
  signer: Signer,
  database: DataSource,
  log: Logger,
  shutdown: Shutdown,
): Promise<TransactionManager> {
  const manager = new TransactionManager({
    chain,
    signer,
    store: new TransactionRepository(database, chain.id, signer.address),
    leaseTtlMs: leaseMs,
    isWanted: answerGuard(chain.client, deployment.addresses.inferenceOracle),
    abis: [inferenceOracleAbi, auditsAbi, disputeGameAbi, operatorRegistryAbi, revenueRouterAbi],
    onEvent: (event) => {
      if (event.type === 'stopped') {
        if (shutdown.signal.aborted) return;
        log.fatal({ err: event.error }, 'the node cannot go on');
        void shutdown.fail(event.error);
      } else if (event.type === 'trouble') log.debug({ err: event.error }, 'transactions: trouble');
      else log.debug(event, `transaction ${event.type}`);
    },
  });
  await withRetry(() => manager.start(shutdown.signal), {
    signal: shutdown.signal,
    onRetry: (err, attempt) => {
      if (attempt === 1) log.warn({ err }, 'waiting to take the account');
    },
  });
  shutdown.add('transactions', () => manager.stop());
  return manager;
}
