import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexText, integer, uint256 } from '../database/columns.js';

/** The disputes against an answer, numbered: what concerns all of them finds them here. */
@Entity({ name: 'docket_entries' })
export class DocketEntryEntity {
  @PrimaryColumn(uint256('request_id'))
  requestId: bigint;

  @PrimaryColumn(integer('round'))
  round: number;

  /** From 0; there are `AssertionEntity.disputeCount`. */
  @PrimaryColumn(integer('number'))
  number: number;

  @Column(hexText('dispute_id'))
  disputeId: Hex;
}
