import { readFileSync } from 'node:fs';
import { type Chain, createChain } from '@openimo/chain';
import { type Deployment, parseDeployment } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { FolderModelStore } from '@openimo/inference';
import { stackPaths } from '../stack/paths.js';
import { readStackRecord } from '../stack/record.js';

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

/** @throws DomainError `StackNotRunning`, `DeploymentUnreadable`, `WrongChain`, `RpcUnavailable` */
export async function openReader(folder: string, options: DeploymentOptions): Promise<DeploymentReader> {
  const { rpcUrl, deployment: deploymentPath, models: modelsPath } = placesOf(folder, options);
  const deployment = readDeployment(deploymentPath);
  const chain = createChain({ rpcUrl, chainId: deployment.chainId });
  await chain.health();
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

function readDeployment(path: string): Deployment {
  try {
    return parseDeployment(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DomainError(
      'DeploymentUnreadable',
      `The deployment record ${path} cannot be read. It is the JSON that deploying the contracts wrote.`,
      { cause, data: { path } },
    );
  }
}
