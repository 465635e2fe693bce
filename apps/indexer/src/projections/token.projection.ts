import { modelTokenAbi } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import {
  ClaimEntity,
  HolderEntity,
  HolderRevenueEntity,
  HoldingEntity,
  MarkEntity,
  RedemptionEntity,
  RevenueByDayEntity,
  RevenueByHourEntity,
  RevenueEventEntity,
  TokenEntity,
} from '@openimo/persistence';
import { orNull, safeCount, safeDate } from '../events/values.js';
import { dayOf, ETH, eventRow, hourOf, type Occurrence, type Projection } from './projection.js';

/** No account: the other end of mints and burns. */
const NOBODY = ETH;
/** Stands for every token in the sums over time. */
const ALL_TOKENS = ETH;

export const tokenProjection: Projection<typeof modelTokenAbi> = {
  Transfer({ from, to, value }, at) {
    if (from === to || value === 0n) return;
    const { ledger, log } = at;
    const holders = changeBalance(from, -value, at) + changeBalance(to, value, at);
    const minted = from === NOBODY ? value : 0n;
    const burned = to === NOBODY ? value : 0n;
    if (holders === 0 && minted === 0n && burned === 0n) return;
    ledger.update(TokenEntity, { address: log.address }, ({ initialSupply, totalSupply, holderCount }) => ({
      initialSupply: initialSupply + minted,
      totalSupply: totalSupply + minted - burned,
      holderCount: holderCount + holders,
    }));
  },

  SharingChanged({ account, sharing }, { ledger, header, log }) {
    const fresh = { token: log.address, holder: account, balance: 0n, sharing: null, firstBlock: header.number };
    ledger.upsert(HoldingEntity, fresh, () => ({ sharing }));
  },

  RevenueAdded({ from, asset, amount }, at) {
    const { ledger, log } = at;
    ledger.add(RevenueEventEntity, { ...eventRow(at), token: log.address, asset, from: orNull(from), amount });
    addToBuckets(asset, { received: amount }, at);
  },

  RevenueClaimed({ account, asset, to, amount }, at) {
    const { ledger, log } = at;
    ledger.add(ClaimEntity, { ...eventRow(at), token: log.address, account, asset, to, amount });
    ledger.upsert(HolderRevenueEntity, noRevenue(log.address, account, asset), ({ claimed, claimCount }) => ({
      claimed: claimed + amount,
      claimCount: claimCount + 1,
    }));
    addToBuckets(asset, { claimed: amount }, at);
  },

  Redeemed({ account, asset, to, burned, amount }, at) {
    const { ledger, log } = at;
    ledger.add(RedemptionEntity, { ...eventRow(at), token: log.address, account, asset, to, burned, amount });
    ledger.upsert(HolderRevenueEntity, noRevenue(log.address, account, asset), ({ redeemed }) => ({
      redeemed: redeemed + amount,
    }));
    addToBuckets(asset, { redeemed: amount }, at);
  },

  Marked({ id, time }, { ledger, header, log }) {
    ledger.set(MarkEntity, { token: log.address, markId: id, at: safeDate(time), blockNumber: header.number });
    ledger.update(TokenEntity, { address: log.address }, () => ({ markCount: safeCount(id) }));
  },

  RevenueOpening({ at }, { ledger, log }) {
    ledger.update(TokenEntity, { address: log.address }, () => ({ revenueOpensAt: safeDate(at) }));
  },
};

/** @returns by how much the number of the token's holders changes */
function changeBalance(holder: Address, by: bigint, { ledger, header, log }: Occurrence): number {
  if (holder === NOBODY) return 0;
  const token = log.address;
  const before = ledger.find(HoldingEntity, { token, holder }) ?? {
    ...{ token, holder, balance: 0n, sharing: null, firstBlock: header.number },
  };
  const balance = before.balance + by;
  ledger.set(HoldingEntity, { ...before, balance });
  const change = Number(balance > 0n) - Number(before.balance > 0n);
  if (change === 0) return 0;
  const fresh = { account: holder, tokenCount: 0, firstBlock: header.number, firstAt: header.at };
  ledger.upsert(HolderEntity, fresh, ({ tokenCount }) => ({ tokenCount: tokenCount + change }));
  return change;
}

function noRevenue(token: Address, holder: Address, asset: Address): HolderRevenueEntity {
  return { token, holder, asset, claimed: 0n, claimCount: 0, redeemed: 0n };
}

type Amounts = Partial<Record<'received' | 'claimed' | 'redeemed', bigint>>;

function addToBuckets(asset: Address, amounts: Amounts, { ledger, header, log }: Occurrence): void {
  const { received = 0n, claimed = 0n, redeemed = 0n } = amounts;
  const empty = { asset, received: 0n, claimed: 0n, redeemed: 0n, receiptCount: 0 };
  for (const token of [log.address, ALL_TOKENS]) {
    for (const [entity, start] of [
      [RevenueByHourEntity, hourOf(header.at)],
      [RevenueByDayEntity, dayOf(header.at)],
    ] as const) {
      ledger.upsert(entity, { ...empty, token, start }, (bucket) => ({
        received: bucket.received + received,
        claimed: bucket.claimed + claimed,
        redeemed: bucket.redeemed + redeemed,
        receiptCount: bucket.receiptCount + (amounts.received === undefined ? 0 : 1),
      }));
    }
  }
}
