import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, sum, uint256 } from '../database/columns.js';

/** What one account paid into a family's waterfall in one asset on one day (UTC). Payments whose payer no event tells are not here. */
@Entity({ name: 'payer_fees_by_day' })
export class PayerFeesByDayEntity {
  @PrimaryColumn(uint256('family_id'))
  familyId: bigint;

  @PrimaryColumn(hexText('asset'))
  asset: Address;

  @PrimaryColumn(instant('start'))
  start: Date;

  @PrimaryColumn(hexText('payer'))
  payer: Address;

  @Column(integer('payment_count'))
  paymentCount: number;

  @Column(sum('amount'))
  amount: bigint;

  @Column(sum('holders_amount'))
  holdersAmount: bigint;
}
