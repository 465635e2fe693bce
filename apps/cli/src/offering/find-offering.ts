import { offeringFactoryAbi } from '@openimo/contracts';
import { DomainError, isAddress } from '@openimo/domain';
import type { Address } from 'viem';
import type { Session } from '../session/session.js';

/**
 * @param which an offering's address, or a family id for its newest offering
 * @throws DomainError `NoSuchOffering`
 */
export async function findOffering(session: Session, which: string): Promise<Address> {
  const factory = { address: session.deployment.addresses.offeringFactory, abi: offeringFactoryAbi } as const;
  if (isAddress(which)) {
    if (await session.client.readContract({ ...factory, functionName: 'isOffering', args: [which] })) return which;
  } else if (/^\d+$/.test(which)) {
    const events = await session.client.getContractEvents({
      ...factory,
      eventName: 'OfferingCreated',
      args: { familyId: BigInt(which) },
      fromBlock: session.deployment.startBlock,
    });
    const newest = events.at(-1)?.args.offering;
    if (newest) return newest;
  }
  throw new DomainError(
    'NoSuchOffering',
    `"${which}" is neither an offering of this deployment nor a family that has one.`,
  );
}
