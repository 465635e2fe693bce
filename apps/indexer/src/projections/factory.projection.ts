import { offeringFactoryAbi } from '@openimo/contracts';
import { FamilyEntity, GrantEntity, OfferingEntity, TokenEntity, TrancheEntity } from '@openimo/persistence';
import type { EventArgs } from '../events/decode-event.js';
import { orNull, safeCount, safeDate, safeText } from '../events/values.js';
import { factKey } from '../source/block-source.js';
import { lower, type Occurrence, type Projection } from './projection.js';

const OVERSUBSCRIPTION = ['proRata', 'smallestFirst'] as const;

/**
 * Runs before every other event of the block: the token's first events, its mint among them, come before the factory's.
 */
export function createOffering(args: EventArgs<typeof offeringFactoryAbi, 'OfferingCreated'>, at: Occurrence): void {
  const { ledger, header, log, facts } = at;
  const { familyId, offering, token, escrow, publisher } = args;
  const { terms, offered, grants, ...erc20 } = facts.offerings.get(factKey(header, log))!;
  const created = { createdBlock: header.number, createdAt: header.at };
  ledger.set(OfferingEntity, {
    address: offering,
    ...{ familyId, token, escrow, publisher },
    currency: lower(terms.currency),
    softCap: terms.softCap,
    hardCap: terms.hardCap,
    offered,
    walletCap: terms.walletCap,
    allowListRoot: orNull(terms.allowListRoot),
    oversubscription: OVERSUBSCRIPTION[terms.oversubscription]!,
    fundsRecipient: lower(terms.fundsRecipient),
    opensAt: safeDate(terms.opensAt),
    closesAt: safeDate(terms.closesAt),
    status: 'selling',
    ...{ committed: 0n, buyerCount: 0, raised: 0n, tokensSold: 0n, tokensBurned: 0n, level: 0n, settledAt: null },
    ...{ tokensClaimed: 0n, refunded: 0n, released: 0n, unreleased: 0n, tokensExited: 0n, exitsPaid: 0n },
    ...created,
  });
  terms.tranches.forEach(({ delay, bps }, number) => {
    const pending = { dueAt: null, released: null, releasedAt: null };
    ledger.set(TrancheEntity, { offering, number, delaySeconds: delay, shareBps: bps, ...pending });
  });
  grants.forEach(({ beneficiary, amount, cliff, duration }, grantId) => {
    const times = { cliffSeconds: cliff, durationSeconds: duration };
    const to = { beneficiary: lower(beneficiary), amount, released: 0n };
    ledger.set(GrantEntity, { escrow, grantId, offering, token, ...to, ...times });
  });
  ledger.set(TokenEntity, {
    address: token,
    ...{ familyId, offering, escrow, publisher },
    name: safeText(erc20.name),
    symbol: safeText(erc20.symbol),
    // The mint adds to both.
    ...{ initialSupply: 0n, totalSupply: 0n },
    claimableBps: safeCount(erc20.claimableBps),
    streamPeriodSeconds: safeCount(erc20.streamPeriod),
    assets: erc20.assets.map(lower),
    ...{ bound: false, holderCount: 0, revenueOpensAt: null, markCount: 0 },
    ...created,
  });
}

export const factoryProjection: Projection<typeof offeringFactoryAbi> = {
  OfferingCreated({ familyId }, { ledger }) {
    ledger.update(FamilyEntity, { familyId }, ({ offeringCount }) => ({ offeringCount: offeringCount + 1 }));
  },
};
