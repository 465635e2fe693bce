import { readFile } from 'node:fs/promises';
import { type Deployment, parseDeployment } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';

export type DeploymentErrorCode = 'DeploymentUnreadable';

/** @throws DomainError `DeploymentUnreadable` */
export async function readDeployment(path: string): Promise<Deployment> {
  try {
    return parseDeployment(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new DomainError<DeploymentErrorCode>(
      'DeploymentUnreadable',
      `The deployment record ${path} cannot be read. OPENIMO_DEPLOYMENT names the JSON that deploying the contracts wrote.`,
      { data: { path }, cause },
    );
  }
}
