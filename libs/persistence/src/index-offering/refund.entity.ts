import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

@Entity({ name: 'refunds' })
export class RefundEntity extends EventRow {
  @Column(hexText('offering'))
  offering: Address;

  @Column(hexText('buyer'))
  buyer: Address;

  @Column(hexText('to_address'))
  to: Address;

  @Column(uint256('amount'))
  amount: bigint;
}
