import { stat } from 'node:fs/promises';
import { type Chain, createChain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { DomainError, isDomainError } from '@openimo/domain';
import { FolderModelStore } from '@openimo/inference';
import { stackPaths } from '../stack/paths.js';
import { readStackRecord } from '../stack/record.js';
import { readDeployment } from './read-deployment.js';

/** Where a deployment is. What is not said is that of the stack that runs in the folder. */
export interface DeploymentOptions {
  readonly rpcUrl?: string;
  /** Path of the deployment record. */
  readonly deployment?: string;
  /** Folder of the model files. */
  readonly models?: string;
}

/** What it takes to read a deployment, local or not, and to run its models. */
export interface DeploymentReader {
  readonly rpcUrl: string;
  readonly deploymentPath: string;
  readonly modelsPath: string;
  readonly deployment: Deployment;
  readonly client: Chain['client'];
  readonly models: FolderModelStore;
}

/**
 * @throws DomainError `StackNotRunning`, `RpcUrlMalformed`, `DeploymentUnreadable`, `RpcUnavailable`, `WrongChain`,
 * `ForeignDeployment`, `ModelsFolderMissing`
 */
export async function openReader(folder: string, options: DeploymentOptions): Promise<DeploymentReader> {
  const { rpcUrl, deployment: deploymentPath, models: modelsPath } = placesOf(folder, options);
  const host = hostOf(rpcUrl);
  const deployment = readDeployment(deploymentPath);
  const chain = createChain({ rpcUrl, chainId: deployment.chainId });
  try {
    await chain.health();
    await requireDeployed(chain, deployment, deploymentPath);
  } catch (error) {
    if (!isDomainError(error, 'RpcUnavailable')) throw error;
    throw new DomainError('RpcUnavailable', `No chain answers at ${host}. Is the node up, and the URL right?`, {
      data: error.data,
      retryable: true,
    });
  }
  await requireFolder(modelsPath);
  const models = await FolderModelStore.open(modelsPath);
  return { rpcUrl, deploymentPath, modelsPath, deployment, client: chain.client, models };
}

function placesOf(folder: string, { rpcUrl, deployment, models }: DeploymentOptions) {
  if (rpcUrl !== undefined && deployment !== undefined && models !== undefined) return { rpcUrl, deployment, models };
  const record = readStackRecord(stackPaths(folder).record);
  return {
    rpcUrl: rpcUrl ?? record.rpcUrl,
    deployment: deployment ?? record.deployment,
    models: models ?? record.models,
  };
}

/** What of a URL may be shown: its path and its user are where a paid RPC's key is. */
function hostOf(rpcUrl: string): string {
  const url = URL.parse(rpcUrl);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.host;
  throw new DomainError('RpcUrlMalformed', 'An RPC is named by an http or https URL, such as http://127.0.0.1:8545.');
}

/** Local chains all have the same id, and different contracts, or none, at the same addresses. */
async function requireDeployed(chain: Chain, deployment: Deployment, path: string): Promise<void> {
  const { addresses, genesisHash } = deployment;
  const isOther = (await chain.genesisHash()).toLowerCase() !== genesisHash.toLowerCase();
  const code = isOther ? undefined : await chain.client.getCode({ address: addresses.inferenceOracle });
  if (code !== undefined && code !== '0x') return;
  const why = isOther ? 'begins with another block' : `has no contract at ${addresses.inferenceOracle}`;
  throw new DomainError(
    'ForeignDeployment',
    `The deployment record ${path} is of another chain: the one behind the RPC ${why}. Name those that belong together.`,
    { data: { path, genesisHash } },
  );
}

/** A folder that is not there is a mistake: made anew, it would have no model. */
async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new DomainError('ModelsFolderMissing', `There is no folder ${path} with model files. Name it with --models.`, {
    data: { path },
  });
}
