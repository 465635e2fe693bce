import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexText, instant, integer, label, nullable, uint64 } from '../database/columns.js';

/** Where the read model stands: one row, changed in the transaction that changes anything else of it. */
@Entity({ name: 'index_state' })
export class IndexStateEntity {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  @Column(hexText('genesis_hash'))
  genesisHash: Hex;

  /** Which contracts: a read model is of one deployment. */
  @Column(label('deployment'))
  deployment: string;

  @Column(uint64('start_block'))
  startBlock: bigint;

  /** Raised by every process that takes over; whoever holds an older one can write nothing. */
  @Column(integer('generation'))
  generation: number;

  /** Everything up to and including this block is in the tables. Null before the first block. */
  @Column(nullable(uint64('block_number')))
  blockNumber: bigint | null;

  @Column(nullable(hexText('block_hash')))
  blockHash: Hex | null;

  @Column(nullable(instant('block_at')))
  blockAt: Date | null;

  /** Blocks up to this one are final; never above `blockNumber`. */
  @Column(nullable(uint64('finalized_block')))
  finalizedBlock: bigint | null;

  /** The newest block the chain was seen to have. */
  @Column(nullable(uint64('head_block')))
  headBlock: bigint | null;

  /** Rollbacks so far. */
  @Column(integer('fork'))
  fork: number;

  /** Events of later blocks are announced in the outbox: what was there when indexing began is history, not news. */
  @Column(nullable(uint64('live_after')))
  liveAfter: bigint | null;

  /** Of the newest row of the outbox; 0 before the first. */
  @Column(uint64('outbox_position'))
  outboxPosition: bigint;

  /** By the indexer's clock. */
  @Column(instant('updated_at'))
  updatedAt: Date;
}
