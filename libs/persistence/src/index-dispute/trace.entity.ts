import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexText, instant, integer, json, uint256, uint64 } from '../database/columns.js';

/** The trace that an operator posted for all disputes of an item of its answer. */
@Entity({ name: 'traces' })
export class TraceEntity {
  @PrimaryColumn(uint256('request_id'))
  requestId: bigint;

  /** As `AssertionEntity.round`. */
  @PrimaryColumn(integer('round'))
  round: number;

  @PrimaryColumn(integer('item'))
  item: number;

  @Column(hexText('root'))
  root: Hex;

  /** The first nodes below the root that the challengers pick from. */
  @Column(json('children'))
  children: Hex[];

  @Column(uint64('block_number'))
  blockNumber: bigint;

  @Column(integer('log_index'))
  logIndex: number;

  @Column(hexText('transaction_hash'))
  transactionHash: Hex;

  @Column(instant('at'))
  at: Date;
}
