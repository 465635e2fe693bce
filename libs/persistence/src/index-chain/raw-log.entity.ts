import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexData, integer, uint64 } from '../database/columns.js';

/** A log of our contracts, as the chain gave it. */
@Entity({ name: 'raw_logs' })
export class RawLogEntity {
  @PrimaryColumn(hexData('block_hash'))
  blockHash: Hex;

  @PrimaryColumn(integer('log_index'))
  logIndex: number;

  @Column(uint64('block_number'))
  blockNumber: bigint;

  @Column(hexData('transaction_hash'))
  transactionHash: Hex;

  @Column(integer('transaction_index'))
  transactionIndex: number;

  @Column(hexData('address'))
  address: Hex;

  /** One after the other, 32 bytes each. */
  @Column(hexData('topics'))
  topics: Hex;

  @Column(hexData('data'))
  data: Hex;
}
