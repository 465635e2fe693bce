import { revenueRouterAbi } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import {
  DistributionEntity,
  FamilyCreditEntity,
  FeesByDayEntity,
  FeesByHourEntity,
  LineagePaymentEntity,
  PayerFeesByDayEntity,
} from '@openimo/persistence';
import { orNull } from '../events/values.js';
import { addCredit, takeCredit } from './credits.js';
import { dayOf, eventRow, payerNote, hourOf, type Occurrence, type Projection } from './projection.js';

/** Stands for every family in the sums over time. */
const ALL_FAMILIES = 0n;

export const routerProjection: Projection<typeof revenueRouterAbi> = {
  Distributed({ familyId, asset, operator, from, amount, split }, at) {
    const parts = {
      amount,
      operatorAmount: split.operator,
      publisherAmount: split.publisher,
      lineageAmount: split.lineage,
      protocolAmount: split.protocol,
      holdersAmount: split.holders,
    };
    const payer = payerOf(from, at);
    const who = { operator: orNull(operator), from, payer };
    at.ledger.add(DistributionEntity, { ...eventRow(at), familyId, asset, ...who, ...parts });
    if (payer !== null) addToPayer(familyId, asset, payer, amount, split.holders, at);
    // The router as payer: what children had credited to the family goes down its own waterfall.
    const fromLineage = from === at.fixed.router ? amount : 0n;
    changeFamily(familyId, asset, at, ({ lineageBalance, holdersPending }) => ({
      lineageBalance: lineageBalance - fromLineage,
      holdersPending: holdersPending + split.holders,
    }));
    for (const family of [familyId, ALL_FAMILIES]) addToBuckets(family, asset, parts, at);
  },

  Credited: ({ account, asset, amount }, at) => addCredit('router', account, asset, amount, at),

  Withdrawn: ({ account, asset, to, amount }, at) => takeCredit('router', account, asset, to, amount, at),

  FamilyCredited({ familyId, asset, fromFamilyId, amount }, at) {
    at.ledger.add(LineagePaymentEntity, { ...eventRow(at), familyId, fromFamilyId, asset, amount });
    changeFamily(familyId, asset, at, ({ lineageBalance, lineageCredited }) => ({
      lineageBalance: lineageBalance + amount,
      lineageCredited: lineageCredited + amount,
    }));
  },

  HoldersPaid({ familyId, asset, amount }, at) {
    changeFamily(familyId, asset, at, ({ holdersPending, holdersPaid }) => ({
      holdersPending: holdersPending - amount,
      holdersPaid: holdersPaid + amount,
    }));
  },
};

/** The oracle says whose request it pays for just before; what lineage had credited comes from many. */
function payerOf(from: Address, { fixed, notes, log }: Occurrence): Address | null {
  if (from === fixed.router) return null;
  if (from !== fixed.oracle) return from;
  const note = payerNote(log);
  const payer = (notes.get(note) as Address | undefined) ?? null;
  notes.delete(note);
  return payer;
}

function addToPayer(
  familyId: bigint,
  asset: Address,
  payer: Address,
  paid: bigint,
  toHolders: bigint,
  { ledger, header }: Occurrence,
): void {
  const key = { familyId, asset, start: dayOf(header.at), payer };
  ledger.upsert(PayerFeesByDayEntity, { ...key, paymentCount: 0, amount: 0n, holdersAmount: 0n }, (fees) => ({
    paymentCount: fees.paymentCount + 1,
    amount: fees.amount + paid,
    holdersAmount: fees.holdersAmount + toHolders,
  }));
}

function changeFamily(
  familyId: bigint,
  asset: Address,
  { ledger }: Occurrence,
  change: (credit: FamilyCreditEntity) => Partial<FamilyCreditEntity>,
): void {
  const none = { familyId, asset, lineageBalance: 0n, lineageCredited: 0n, holdersPending: 0n, holdersPaid: 0n };
  ledger.upsert(FamilyCreditEntity, none, change);
}

type Parts = Pick<
  FeesByHourEntity,
  'amount' | 'operatorAmount' | 'publisherAmount' | 'lineageAmount' | 'protocolAmount' | 'holdersAmount'
>;

function addToBuckets(familyId: bigint, asset: Address, parts: Parts, { ledger, header }: Occurrence): void {
  const none = { amount: 0n, operatorAmount: 0n, publisherAmount: 0n, lineageAmount: 0n };
  const empty = { familyId, asset, paymentCount: 0, ...none, protocolAmount: 0n, holdersAmount: 0n };
  for (const [entity, start] of [
    [FeesByHourEntity, hourOf(header.at)],
    [FeesByDayEntity, dayOf(header.at)],
  ] as const) {
    ledger.upsert(entity, { ...empty, start }, (bucket) => ({
      paymentCount: bucket.paymentCount + 1,
      amount: bucket.amount + parts.amount,
      operatorAmount: bucket.operatorAmount + parts.operatorAmount,
      publisherAmount: bucket.publisherAmount + parts.publisherAmount,
      lineageAmount: bucket.lineageAmount + parts.lineageAmount,
      protocolAmount: bucket.protocolAmount + parts.protocolAmount,
      holdersAmount: bucket.holdersAmount + parts.holdersAmount,
    }));
  }
}
