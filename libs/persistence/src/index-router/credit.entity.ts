import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, label, sum } from '../database/columns.js';

export type CreditSource = 'router' | 'oracle' | 'disputes' | 'audits';

/**
 * What an account can withdraw: from the router its earnings, from the oracle refunds, unused gas and gas it was repaid, from the
 * dispute game bonds that came free and what it won, from the audits what auditors and the treasury are due.
 */
@Entity({ name: 'credits' })
export class CreditEntity {
  @PrimaryColumn(label('source'))
  source: CreditSource;

  @PrimaryColumn(hexText('account'))
  account: Address;

  @PrimaryColumn(hexText('asset'))
  asset: Address;

  @Column(sum('balance'))
  balance: bigint;

  @Column(sum('credited'))
  credited: bigint;

  /** Paid for requests out of the credit; the oracle's ETH only. */
  @Column(sum('used'))
  used: bigint;

  @Column(sum('withdrawn'))
  withdrawn: bigint;
}
