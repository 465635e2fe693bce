import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** Revenue a holder was paid. */
@Entity({ name: 'claims' })
export class ClaimEntity extends EventRow {
  @Column(hexText('token'))
  token: Address;

  @Column(hexText('account'))
  account: Address;

  @Column(hexText('asset'))
  asset: Address;

  @Column(hexText('to_address'))
  to: Address;

  @Column(uint256('amount'))
  amount: bigint;
}
