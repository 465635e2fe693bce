import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, uint256, uint64 } from '../database/columns.js';

/** An ERC-7641 snapshot. */
@Entity({ name: 'marks' })
export class MarkEntity {
  @PrimaryColumn(hexText('token'))
  token: Address;

  @PrimaryColumn(uint256('mark_id'))
  markId: bigint;

  @Column(instant('at'))
  at: Date;

  @Column(uint64('block_number'))
  blockNumber: bigint;
}
