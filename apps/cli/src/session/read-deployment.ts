import { readFileSync } from 'node:fs';
import { type Deployment, parseDeployment } from '@openimo/contracts';
import { DomainError, isAddress } from '@openimo/domain';

/** @throws DomainError `DeploymentUnreadable` */
export function readDeployment(path: string): Deployment {
  let deployment: Deployment;
  try {
    deployment = parseDeployment(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (!isDeployment(deployment)) throw unreadable(path);
  return deployment;
}

/** Whether it is one at all; that it is the right one the chain tells. */
function isDeployment(record: unknown): record is Deployment {
  if (typeof record !== 'object' || record === null) return false;
  const { chainId, genesisHash, startBlock, addresses, parameters } = record as Partial<Deployment>;
  return (
    Number.isSafeInteger(chainId) &&
    typeof genesisHash === 'string' &&
    typeof startBlock === 'bigint' &&
    typeof parameters === 'object' &&
    typeof addresses === 'object' &&
    Object.values(addresses).length > 0 &&
    Object.values(addresses).every(isAddress)
  );
}

function unreadable(path: string, cause?: unknown): DomainError {
  return new DomainError(
    'DeploymentUnreadable',
    `The deployment record ${path} cannot be read. It is the JSON that deploying the contracts wrote.`,
    { cause, data: { path } },
  );
}
