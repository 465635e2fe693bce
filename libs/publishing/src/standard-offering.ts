import type { Parameters } from '@openimo/contracts';
import { type Address, parseEther, zeroAddress, zeroHash } from 'viem';
import type { OfferingParams } from './calls.js';

/** What differs between offerings that follow the standard. Amounts in wei, times in seconds. */
export interface StandardOfferingTerms {
  readonly familyId: bigint;
  readonly tokenName: string;
  readonly tokenSymbol: string;
  readonly softCap: bigint;
  readonly hardCap: bigint;
  /** Most one wallet may commit; zero: no limit. */
  readonly walletCap: bigint;
  /** Of the epoch. */
  readonly opensAt: number;
  readonly openFor: number;
  readonly fundsRecipient: Address;
  readonly contributor: Address;
  readonly team: Address;
}

type Limits = Pick<Parameters['offering'], 'minStreamPeriod' | 'minLiquidityLock' | 'exitWindow'>;

const SUPPLY = parseEther('1000000000');
const CONTRIBUTOR_VESTING = 300;
const TEAM_CLIFF = 120;
const TEAM_VESTING = 600;

/**
 * Offers a family's token the way the first IMO did: a billion tokens, half of them sold at a fixed price, 30 % for liquidity,
 * 10 % for contributors, 10 % for the team; of the revenue 80 % to claim, 20 % to redeem. Half of the proceeds at settlement,
 * half three exit windows later.
 */
export function standardOffering(terms: StandardOfferingTerms, limits: Limits): OfferingParams {
  return {
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
      opensAt: terms.opensAt,
      closesAt: terms.opensAt + terms.openFor,
      fundsRecipient: terms.fundsRecipient,
      tranches: [
        { delay: 0, bps: 5_000 },
        { delay: 3 * limits.exitWindow, bps: 5_000 },
      ],
    },
  };
}
