import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** One asset paid for tokens burned; a burn that pays several assets has a row for each. */
@Entity({ name: 'redemptions' })
export class RedemptionEntity extends EventRow {
  @Column(hexText('token'))
  token: Address;

  @Column(hexText('account'))
  account: Address;

  @Column(hexText('asset'))
  asset: Address;

  @Column(hexText('to_address'))
  to: Address;

  @Column(uint256('burned'))
  burned: bigint;

  @Column(uint256('amount'))
  amount: bigint;
}
