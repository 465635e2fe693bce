import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, uint64 } from '../database/columns.js';

/** An account that has held any token of ours. */
@Entity({ name: 'holders' })
export class HolderEntity {
  @PrimaryColumn(hexText('account'))
  account: Address;

  /** Tokens it has a balance of now. */
  @Column(integer('token_count'))
  tokenCount: number;

  @Column(uint64('first_block'))
  firstBlock: bigint;

  @Column(instant('first_at'))
  firstAt: Date;
}
