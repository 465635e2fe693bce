import { modelRegistryAbi } from '@openimo/contracts';
import type { Session } from '../session/session.js';

type OnChain = Pick<Session, 'client' | 'deployment'>;

/** Bytes that a version reads, prompt and what it has written together; 0 where it does not write text. */
export async function contextOf({ client, deployment }: OnChain, versionId: bigint): Promise<number> {
  const registry = { address: deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;
  return (await client.readContract({ ...registry, functionName: 'ioBounds', args: [versionId] })).context;
}

export async function newestTextVersion(session: OnChain): Promise<{ versionId: bigint; context: number } | undefined> {
  const registry = { address: session.deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;
  let versionId = await session.client.readContract({ ...registry, functionName: 'versionCount' });
  for (; versionId > 0n; versionId--) {
    const context = await contextOf(session, versionId);
    if (context !== 0) return { versionId, context };
  }
  return undefined;
}
