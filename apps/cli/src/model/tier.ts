import { modelRegistryAbi } from '@openimo/contracts';
import type { Session } from '../session/session.js';

/** As `IModelRegistry.Tier`, in its order. */
const TIERS = ['Unverified', 'Disputable', 'Proven', 'Bonded'] as const;
export type Tier = (typeof TIERS)[number];

/** What stands behind the answers of a version at this moment. */
const MEANINGS: Readonly<Record<Tier, string>> = {
  Unverified: 'only the bond stands behind it',
  Disputable: 'whoever finds it wrong can prove that on-chain',
  Proven: 'a validity proof stands behind it',
  Bonded: 'several operators gave it',
};

export async function tierOf(
  { client, deployment }: Pick<Session, 'client' | 'deployment'>,
  versionId: bigint,
): Promise<Tier> {
  const tier = await client.readContract({
    address: deployment.addresses.modelRegistry,
    abi: modelRegistryAbi,
    functionName: 'tierOf',
    args: [versionId],
  });
  return TIERS[tier] ?? 'Unverified';
}

export function meaningOf(tier: Tier): string {
  return MEANINGS[tier];
}
