import { readFileSync } from 'node:fs';
import { LOCAL_CHAIN_ID } from '@openimo/chain';
import { type Deployment, parseDeployment } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { FolderModelStore } from '@openimo/inference';
import { type Chain, createPublicClient, defineChain, http, type PublicClient } from 'viem';
import { stackPaths } from '../stack/paths.js';
import { readStackRecord, type StackRecord } from '../stack/record.js';
import { type LocalRole, isLocalRole, localAccount, localRoles } from './accounts.js';
import { Actor } from './actor.js';

/** A connection to a chain with our contracts, and the accounts of a local one. */
export interface ChainSession {
  readonly deployment: Deployment;
  readonly client: PublicClient;
  readonly chain: Chain;
  readonly models: FolderModelStore;
  actor(role: LocalRole): Actor;
}

/** A command's connection to a running stack. */
export interface Session extends ChainSession {
  readonly record: StackRecord;
}

/**
 * @param folder the stack's folder
 * @throws DomainError `StackNotRunning`, `WrongChain`
 */
export async function openSession(folder: string): Promise<Session> {
  const record = readStackRecord(stackPaths(folder).record);
  const deployment = parseDeployment(readFileSync(record.deployment, 'utf8'));
  return createSession(record, deployment);
}

export async function createSession(record: StackRecord, deployment: Deployment): Promise<Session> {
  return { ...(await createChainSession(record, deployment)), record };
}

/** @throws DomainError `ChainUnreachable`, `WrongChain` */
export async function createChainSession(
  record: Pick<StackRecord, 'rpcUrl' | 'models'>,
  deployment: Deployment,
): Promise<ChainSession> {
  const { client, chain } = localClient(record.rpcUrl);
  const chainId = await client.getChainId().catch((cause: unknown) => {
    throw new DomainError('ChainUnreachable', `No chain answers at ${record.rpcUrl}. Is the stack still running?`, {
      cause,
      retryable: true,
    });
  });
  if (chainId !== deployment.chainId) {
    throw new DomainError('WrongChain', `The chain at ${record.rpcUrl} has id ${chainId}, not ${deployment.chainId}.`);
  }
  const actors = new Map<LocalRole, Actor>();
  return {
    deployment,
    client,
    chain,
    models: await FolderModelStore.open(record.models),
    actor(role) {
      const known = actors.get(role);
      if (known) return known;
      const actor = new Actor(role, localAccount(role), client, record.rpcUrl, chain);
      actors.set(role, actor);
      return actor;
    },
  };
}

export function localClient(rpcUrl: string): { client: PublicClient; chain: Chain } {
  // Not from viem/chains: that loads every chain there is, at each command.
  const chain = defineChain({
    id: LOCAL_CHAIN_ID,
    name: 'local',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  return { chain, client: createPublicClient({ chain, transport: http(rpcUrl), pollingInterval: 100, cacheTime: 0 }) };
}

/** Reads an option like `--as alice`. */
export function parseRole(name: string): LocalRole {
  if (isLocalRole(name)) return name;
  throw new DomainError('UnknownAccount', `There is no local account "${name}". Known: ${localRoles.join(', ')}.`);
}
