import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexText, instant, integer, json, label, nullable, uint256, uint64 } from '../database/columns.js';

export type AssertionStatus = 'standing' | 'voided' | 'final';

/** An operator's bonded answer. */
@Entity({ name: 'assertions' })
export class AssertionEntity {
  @PrimaryColumn(uint256('request_id'))
  requestId: bigint;

  @PrimaryColumn(integer('round'))
  round: number;

  @Column(uint256('version_id'))
  versionId: bigint;

  @Column(hexText('operator'))
  operator: Address;

  @Column(hexText('output_root'))
  outputRoot: Hex;

  @Column(uint256('bond'))
  bond: bigint;

  @Column(instant('final_at'))
  finalAt: Date;

  /** One per input of the batch. */
  @Column(json('outputs'))
  outputs: Hex[];

  @Column(label('status'))
  status: AssertionStatus;

  /** Who proved it wrong. */
  @Column(nullable(hexText('challenger')))
  challenger: Address | null;

  /** Disputes against it, ever. */
  @Column(integer('dispute_count'))
  disputeCount: number;

  /** Those that are undecided: until there are none it cannot become final. */
  @Column(integer('open_dispute_count'))
  openDisputeCount: number;

  @Column(uint64('block_number'))
  blockNumber: bigint;

  @Column(hexText('transaction_hash'))
  transactionHash: Hex;

  @Column(instant('at'))
  at: Date;
}
