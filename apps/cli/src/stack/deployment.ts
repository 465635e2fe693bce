import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deploy, type Deployment, local, parseDeployment, stringifyDeployment } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { createWalletClient, http } from 'viem';
import { localAccount } from '../session/accounts.js';
import { localClient } from '../session/session.js';

/** The deployment on record if it is this chain's, or a new one; one that was interrupted is completed. */
export async function ensureDeployment(rpcUrl: string, path: string): Promise<Deployment> {
  const { client, chain } = localClient(rpcUrl);
  const genesisHash = (await client.getBlock({ blockNumber: 0n })).hash;
  if (existsSync(path)) {
    const known = parseDeployment(readFileSync(path, 'utf8'));
    if (known.genesisHash === genesisHash) return known;
    throw new DomainError(
      'ChainReplaced',
      `${path} belongs to another chain than the one that runs. Start afresh with: npm start -- --reset`,
      { data: { recorded: known.genesisHash, actual: genesisHash } },
    );
  }
  const deployment = await deploy({
    client,
    wallet: createWalletClient({ account: localAccount('deployer'), chain, transport: http(rpcUrl) }),
    parameters: local,
    protocolTreasury: localAccount('treasury').address,
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, stringifyDeployment(deployment));
  return deployment;
}
