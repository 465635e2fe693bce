import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexText, integer, uint64 } from '../database/columns.js';

/**
 * Up to where a consumer has followed the chain: the cursor is the highest row of (chain, consumer), the rows below it are
 * where it may fall back to when the chain reorganises.
 */
@Entity({ name: 'chain_cursor' })
export class CheckpointEntity {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  /** Who follows, e.g. `operator:0x…`. */
  @PrimaryColumn({ name: 'consumer', type: 'text' })
  consumer: string;

  @PrimaryColumn(uint64('block_number'))
  blockNumber: bigint;

  @Column(hexText('block_hash'))
  blockHash: Hex;
}
