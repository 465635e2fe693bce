import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** What a family owed its parent of one payment. */
@Entity({ name: 'lineage_payments' })
export class LineagePaymentEntity extends EventRow {
  @Column(uint256('family_id'))
  familyId: bigint;

  @Column(uint256('from_family_id'))
  fromFamilyId: bigint;

  @Column(hexText('asset'))
  asset: Address;

  @Column(uint256('amount'))
  amount: bigint;
}
