import { Column, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexText, instant, integer, uint64 } from '../database/columns.js';

/** A row that says what one event said. Written once; a rollback deletes it. */
export abstract class EventRow {
  @PrimaryColumn(uint64('block_number'))
  blockNumber: bigint;

  /** Position in the block. */
  @PrimaryColumn(integer('log_index'))
  logIndex: number;

  @Column(hexText('transaction_hash'))
  transactionHash: Hex;

  /** Time of the block. */
  @Column(instant('at'))
  at: Date;
}
