import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, json, label, uint64 } from '../database/columns.js';

/** An event of `DisputeGame` as one account has read it. */
@Entity({ name: 'game_events' })
export class GameEventEntity {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  /** Who plays. */
  @PrimaryColumn(hexText('account'))
  account: Address;

  @PrimaryColumn(uint64('block_number'))
  blockNumber: bigint;

  @PrimaryColumn(integer('log_index'))
  logIndex: number;

  /** Time of the block. */
  @Column(instant('block_time'))
  blockTime: Date;

  @Column(label('name'))
  name: string;

  /** Amounts and ids as decimal strings. */
  @Column(json('args'))
  args: Readonly<Record<string, unknown>>;
}
