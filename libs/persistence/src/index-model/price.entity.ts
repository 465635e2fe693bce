import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { flag, hexText, instant, integer, uint256, uint64 } from '../database/columns.js';

/**
 * An announced price per inference, in units of the asset (ETH: the zero address). The price now is the newest with
 * `effectiveAt` in the past that is not superseded.
 */
@Entity({ name: 'prices' })
export class PriceEntity {
  @PrimaryColumn(uint256('version_id'))
  versionId: bigint;

  @PrimaryColumn(hexText('asset'))
  asset: Address;

  /** Of this version and asset, from 0. */
  @PrimaryColumn(integer('number'))
  number: number;

  @Column(uint256('amount'))
  amount: bigint;

  @Column(instant('effective_at'))
  effectiveAt: Date;

  /** Another was announced before this one took effect. */
  @Column(flag('superseded'))
  superseded: boolean;

  @Column(uint64('block_number'))
  blockNumber: bigint;
}
