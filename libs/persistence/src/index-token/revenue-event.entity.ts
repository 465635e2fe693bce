import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, nullable, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** Revenue that began to stream to a token's holders. */
@Entity({ name: 'revenue_events' })
export class RevenueEventEntity extends EventRow {
  @Column(hexText('token'))
  token: Address;

  @Column(hexText('asset'))
  asset: Address;

  /** Null for what arrived without a notification. */
  @Column(nullable(hexText('from_address')))
  from: Address | null;

  @Column(uint256('amount'))
  amount: bigint;
}
