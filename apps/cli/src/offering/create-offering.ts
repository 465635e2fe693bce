import { offeringFactoryAbi } from '@openimo/contracts';
import { type Address, parseEther, parseEventLogs, zeroAddress, zeroHash } from 'viem';
import type { Actor } from '../session/actor.js';
import type { Session } from '../session/session.js';

export interface OfferingTerms {
  familyId: bigint;
  tokenName: string;
  tokenSymbol: string;
  softCap: bigint;
  hardCap: bigint;
  /** Most one wallet may commit, in wei; zero: no limit. */
  walletCap: bigint;
  /** Seconds from now. */
  opensIn: number;
  openFor: number;
  fundsRecipient: Address;
  contributor: Address;
  team: Address;
}

export interface CreatedOffering {
  offering: Address;
  token: Address;
  escrow: Address;
  gasUsed: bigint;
}

const SUPPLY = parseEther('1000000000');
const CONTRIBUTOR_VESTING = 300;
const TEAM_CLIFF = 120;
const TEAM_VESTING = 600;

/**
 * Offers a family's token the way the first IMO did: a billion tokens, half of them sold at a fixed price, 30 % for liquidity,
 * 10 % for contributors, 10 % for the team; of the revenue 80 % to claim, 20 % to redeem.
 */
export async function createOffering(
  session: Session,
  publisher: Actor,
  terms: OfferingTerms,
): Promise<CreatedOffering> {
  const limits = await readLimits(session);
  const now = Number((await session.client.getBlock()).timestamp);
  const opensAt = now + terms.opensIn;
  const receipt = await publisher.write({
    address: session.deployment.addresses.offeringFactory,
    abi: offeringFactoryAbi,
    functionName: 'create',
    args: [
      {
        familyId: terms.familyId,
        token: {
          name: terms.tokenName,
          symbol: terms.tokenSymbol,
          supply: SUPPLY,
          claimableBps: 8_000,
          streamPeriod: limits.minStreamPeriod,
        },
        allocation: {
          offered: SUPPLY / 2n,
          liquidity: (SUPPLY * 3n) / 10n,
          liquidityRecipient: terms.fundsRecipient,
          liquidityLock: limits.minLiquidityLock,
          grants: [
            { beneficiary: terms.contributor, amount: SUPPLY / 10n, cliff: 0, duration: CONTRIBUTOR_VESTING },
            { beneficiary: terms.team, amount: SUPPLY / 10n, cliff: TEAM_CLIFF, duration: TEAM_VESTING },
          ],
        },
        sale: {
          currency: zeroAddress,
          softCap: terms.softCap,
          hardCap: terms.hardCap,
          walletCap: terms.walletCap,
          allowListRoot: zeroHash,
          oversubscription: 0,
          opensAt,
          closesAt: opensAt + terms.openFor,
          fundsRecipient: terms.fundsRecipient,
          tranches: [
            { delay: 0, bps: 5_000 },
            { delay: 3 * limits.exitWindow, bps: 5_000 },
          ],
        },
      },
    ],
  });
  const [event] = parseEventLogs({ abi: offeringFactoryAbi, logs: receipt.logs, eventName: 'OfferingCreated' });
  const { offering, token, escrow } = event!.args;
  return { offering, token, escrow, gasUsed: receipt.gasUsed };
}

function readLimits(session: Session) {
  return session.client.readContract({
    address: session.deployment.addresses.offeringFactory,
    abi: offeringFactoryAbi,
    functionName: 'limits',
  });
}
