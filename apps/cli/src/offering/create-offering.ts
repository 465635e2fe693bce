import { offeringFactoryAbi } from '@openimo/contracts';
import { createOfferingCall, standardOffering, type StandardOfferingTerms } from '@openimo/publishing';
import { type Address, parseEventLogs } from 'viem';
import type { Actor } from '../session/actor.js';
import type { ChainSession } from '../session/session.js';

export interface OfferingTerms extends Omit<StandardOfferingTerms, 'opensAt'> {
  /** Seconds from now. */
  opensIn: number;
}

export interface CreatedOffering {
  offering: Address;
  token: Address;
  escrow: Address;
  gasUsed: bigint;
}

/** Offers a family's token by the standard terms. */
export async function createOffering(
  session: ChainSession,
  publisher: Actor,
  terms: OfferingTerms,
): Promise<CreatedOffering> {
  const limits = await readLimits(session);
  const now = Number((await session.client.getBlock()).timestamp);
  const params = standardOffering({ ...terms, opensAt: now + terms.opensIn }, limits);
  const receipt = await publisher.write(createOfferingCall(session.deployment.addresses, params));
  const [event] = parseEventLogs({ abi: offeringFactoryAbi, logs: receipt.logs, eventName: 'OfferingCreated' });
  const { offering, token, escrow } = event!.args;
  return { offering, token, escrow, gasUsed: receipt.gasUsed };
}

function readLimits(session: ChainSession) {
  return session.client.readContract({
    address: session.deployment.addresses.offeringFactory,
    abi: offeringFactoryAbi,
    functionName: 'limits',
  });
}
