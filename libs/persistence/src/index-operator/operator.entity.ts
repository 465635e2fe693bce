import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, label, nullable, sum, uint256, uint64 } from '../database/columns.js';

/** Who runs models with stake at risk. Amounts in wei; free stake = stake - locked - exiting. */
@Entity({ name: 'operators' })
export class OperatorEntity {
  @PrimaryColumn(hexText('address'))
  address: Address;

  @Column(label('endpoint'))
  endpoint: string;

  @Column(uint256('stake'))
  stake: bigint;

  @Column(uint256('locked'))
  locked: bigint;

  @Column(uint256('exiting'))
  exiting: bigint;

  @Column(nullable(instant('exit_at')))
  exitAt: Date | null;

  /** All that was ever taken from it. */
  @Column(sum('slashed'))
  slashed: bigint;

  @Column(integer('enrolment_count'))
  enrolmentCount: number;

  @Column(integer('assertion_count'))
  assertionCount: number;

  @Column(integer('final_count'))
  finalCount: number;

  /** Answers it was convicted for. */
  @Column(integer('voided_count'))
  voidedCount: number;

  /** Disputes against its answers. */
  @Column(integer('dispute_count'))
  disputeCount: number;

  /** Those that the challenger lost. */
  @Column(integer('dispute_won_count'))
  disputeWonCount: number;

  @Column(integer('penalty_count'))
  penaltyCount: number;

  @Column(uint64('registered_block'))
  registeredBlock: bigint;

  @Column(instant('registered_at'))
  registeredAt: Date;
}
