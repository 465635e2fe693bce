import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexData, instant, uint64 } from '../database/columns.js';

/** A header of the chain as indexed: each block's parent is the block before it. */
@Entity({ name: 'blocks' })
export class BlockEntity {
  @PrimaryColumn(uint64('number'))
  number: bigint;

  @Column(hexData('hash'))
  hash: Hex;

  @Column(hexData('parent_hash'))
  parentHash: Hex;

  @Column(instant('at'))
  at: Date;
}
