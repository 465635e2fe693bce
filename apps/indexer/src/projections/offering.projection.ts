import { fixedPriceOfferingAbi } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import {
  CommitmentEntity,
  CommitmentEventEntity,
  ExitEntity,
  OfferingEntity,
  RefundEntity,
  TrancheEntity,
} from '@openimo/persistence';
import { safeCount } from '../events/values.js';
import type { Ledger } from '../ledger/ledger.js';
import { eventRow, type Occurrence, type Projection } from './projection.js';

export const offeringProjection: Projection<typeof fixedPriceOfferingAbi> = {
  Committed: ({ buyer, amount, total }, at) => moveCommitment('committed', buyer, amount, total, at),

  Uncommitted: ({ buyer, amount, total }, at) => moveCommitment('uncommitted', buyer, amount, total, at),

  Settled({ raised, tokensSold, tokensBurned, level }, { ledger, header, log }) {
    ledger.update(OfferingEntity, { address: log.address }, () => ({
      status: 'settled' as const,
      ...{ raised, tokensSold, tokensBurned, level },
      unreleased: raised,
      settledAt: header.at,
    }));
    for (const tranche of tranchesOf(ledger, log.address)) {
      const dueAt = new Date(header.at.getTime() + tranche.delaySeconds * 1_000);
      ledger.set(TrancheEntity, { ...tranche, dueAt });
    }
  },

  RefundsOpened(_, { ledger, log }) {
    ledger.update(OfferingEntity, { address: log.address }, () => ({ status: 'refunding' as const }));
  },

  TokensClaimed({ buyer, tokens }, { ledger, log }) {
    const offering = log.address;
    ledger.update(CommitmentEntity, { offering, buyer }, () => ({ claimed: true, tokensClaimed: tokens }));
    ledger.update(OfferingEntity, { address: offering }, ({ tokensClaimed }) => ({
      tokensClaimed: tokensClaimed + tokens,
    }));
  },

  Refunded({ buyer, to, amount }, at) {
    const { ledger, log } = at;
    const offering = log.address;
    ledger.add(RefundEntity, { ...eventRow(at), offering, buyer, to, amount });
    ledger.update(CommitmentEntity, { offering, buyer }, ({ refunded }) => ({ refunded: refunded + amount }));
    ledger.update(OfferingEntity, { address: offering }, ({ refunded }) => ({ refunded: refunded + amount }));
  },

  TrancheReleased({ index, amount }, { ledger, header, log }) {
    const offering = log.address;
    ledger.update(TrancheEntity, { offering, number: safeCount(index) }, () => ({
      released: amount,
      releasedAt: header.at,
    }));
    ledger.update(OfferingEntity, { address: offering }, ({ released, unreleased }) => ({
      released: released + amount,
      unreleased: unreleased - amount,
    }));
  },

  RoundingCollected({ proceeds, tokensBurned }, { ledger, log }) {
    // What comes after the last tranche goes straight to the funds recipient.
    const allReleased = tranchesOf(ledger, log.address).every(({ released }) => released !== null);
    ledger.update(OfferingEntity, { address: log.address }, (offering) => ({
      raised: offering.raised + proceeds,
      tokensBurned: offering.tokensBurned + tokensBurned,
      released: offering.released + (allReleased ? proceeds : 0n),
      unreleased: offering.unreleased + (allReleased ? 0n : proceeds),
    }));
  },

  Exited({ buyer, to, tokens, amount }, at) {
    const { ledger, log } = at;
    const offering = log.address;
    ledger.add(ExitEntity, { ...eventRow(at), offering, buyer, to, tokens, amount });
    ledger.update(CommitmentEntity, { offering, buyer }, ({ tokensExited, exitPaid }) => ({
      tokensExited: tokensExited + tokens,
      exitPaid: exitPaid + amount,
    }));
    ledger.update(OfferingEntity, { address: offering }, ({ tokensExited, exitsPaid, unreleased }) => ({
      tokensExited: tokensExited + tokens,
      exitsPaid: exitsPaid + amount,
      unreleased: unreleased - amount,
    }));
  },
};

/** @param total the buyer's commitment after it */
function moveCommitment(
  kind: 'committed' | 'uncommitted',
  buyer: Address,
  amount: bigint,
  total: bigint,
  at: Occurrence,
): void {
  const { ledger, header, log } = at;
  const offering = log.address;
  const before = ledger.find(CommitmentEntity, { offering, buyer }) ?? {
    ...{ offering, buyer, committed: 0n, claimed: false, tokensClaimed: 0n, refunded: 0n, tokensExited: 0n },
    ...{ exitPaid: 0n, firstBlock: header.number, firstAt: header.at },
  };
  const sale = ledger.get(OfferingEntity, { address: offering });
  const committed = sale.committed + total - before.committed;
  const buyerCount = sale.buyerCount + Number(total > 0n) - Number(before.committed > 0n);
  ledger.set(CommitmentEntity, { ...before, committed: total });
  ledger.set(OfferingEntity, { ...sale, committed, buyerCount });
  const after = { buyerCommitted: total, offeringCommitted: committed };
  ledger.add(CommitmentEventEntity, { ...eventRow(at), offering, buyer, kind, amount, ...after });
}

function tranchesOf(ledger: Ledger, offering: Address): TrancheEntity[] {
  const tranches: TrancheEntity[] = [];
  for (;;) {
    const tranche = ledger.find(TrancheEntity, { offering, number: tranches.length });
    if (tranche === undefined) return tranches;
    tranches.push(tranche);
  }
}
