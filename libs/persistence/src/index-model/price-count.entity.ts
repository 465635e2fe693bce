import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, integer, uint256 } from '../database/columns.js';

/** How many prices were announced for a version in an asset: what a version can be bought with. */
@Entity({ name: 'price_counts' })
export class PriceCountEntity {
  @PrimaryColumn(uint256('version_id'))
  versionId: bigint;

  @PrimaryColumn(hexText('asset'))
  asset: Address;

  @Column(integer('announced'))
  announced: number;
}
