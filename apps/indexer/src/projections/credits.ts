import type { Address } from '@openimo/domain';
import { CreditEntity, type CreditSource, WithdrawalEntity } from '@openimo/persistence';
import { eventRow, type Occurrence } from './projection.js';

export function addCredit(
  source: CreditSource,
  account: Address,
  asset: Address,
  amount: bigint,
  at: Occurrence,
): void {
  change(source, account, asset, at, ({ balance, credited }) => ({
    balance: balance + amount,
    credited: credited + amount,
  }));
}

/** Spent where it lies. */
export function useCredit(
  source: CreditSource,
  account: Address,
  asset: Address,
  amount: bigint,
  at: Occurrence,
): void {
  change(source, account, asset, at, ({ balance, used }) => ({ balance: balance - amount, used: used + amount }));
}

export function takeCredit(
  source: CreditSource,
  account: Address,
  asset: Address,
  to: Address,
  amount: bigint,
  at: Occurrence,
): void {
  at.ledger.add(WithdrawalEntity, { ...eventRow(at), source, account, asset, to, amount });
  change(source, account, asset, at, ({ balance, withdrawn }) => ({
    balance: balance - amount,
    withdrawn: withdrawn + amount,
  }));
}

function change(
  source: CreditSource,
  account: Address,
  asset: Address,
  { ledger }: Occurrence,
  by: (credit: CreditEntity) => Partial<CreditEntity>,
): void {
  const none = { source, account, asset, balance: 0n, credited: 0n, used: 0n, withdrawn: 0n };
  ledger.upsert(CreditEntity, none, by);
}
