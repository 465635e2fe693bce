import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, label, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** Money going into a sale, or taken back before it closes. */
@Entity({ name: 'commitment_events' })
export class CommitmentEventEntity extends EventRow {
  @Column(hexText('offering'))
  offering: Address;

  @Column(hexText('buyer'))
  buyer: Address;

  @Column(label('kind'))
  kind: 'committed' | 'uncommitted';

  @Column(uint256('amount'))
  amount: bigint;

  /** The buyer's commitment after it. */
  @Column(uint256('buyer_committed'))
  buyerCommitted: bigint;

  /** The sale's total after it: the raise as a curve. */
  @Column(uint256('offering_committed'))
  offeringCommitted: bigint;
}
