import { createChainSession } from '../session/session.js';
import { short } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { ensureDeployment } from './deployment.js';
import { ensureExample } from './example.js';

export interface DeployOptions {
  readonly rpcUrl: string;
  /** Where the deployment record goes. */
  readonly out: string;
  /** Folder of the content-addressed model store. */
  readonly models: string;
}

/** Contracts and the example model on a local chain that runs already; what is there is left alone. */
export async function deploy({ rpcUrl, out, models }: DeployOptions, output: Output): Promise<void> {
  const deployment = await output.step(
    'Contracts',
    () => ensureDeployment(rpcUrl, out),
    ({ addresses }) => `Contracts deployed; the oracle is ${addresses.inferenceOracle}`,
  );
  const session = await createChainSession({ rpcUrl, models }, deployment);
  await output.step(
    'Example model',
    () => ensureExample(session),
    ({ versionId, offering }) =>
      `Example model published as version ${versionId}, its token on offer at ${short(offering)}`,
  );
  if (output.json) output.result(deployment);
}
