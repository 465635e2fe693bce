import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** Stake an operator lost for not answering when drawn, in wei. */
@Entity({ name: 'penalties' })
export class PenaltyEntity extends EventRow {
  @Column(uint256('request_id'))
  requestId: bigint;

  @Column(hexText('operator'))
  operator: Address;

  @Column(uint256('amount'))
  amount: bigint;
}
