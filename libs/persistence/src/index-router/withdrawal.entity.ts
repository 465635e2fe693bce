import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, label, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';
import type { CreditSource } from './credit.entity.js';

@Entity({ name: 'withdrawals' })
export class WithdrawalEntity extends EventRow {
  @Column(label('source'))
  source: CreditSource;

  @Column(hexText('account'))
  account: Address;

  @Column(hexText('asset'))
  asset: Address;

  @Column(hexText('to_address'))
  to: Address;

  @Column(uint256('amount'))
  amount: bigint;
}
