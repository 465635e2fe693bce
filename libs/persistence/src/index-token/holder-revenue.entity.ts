import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, integer, sum } from '../database/columns.js';

/** What an account has been paid by a token in one asset, in units of it. */
@Entity({ name: 'holder_revenue' })
export class HolderRevenueEntity {
  @PrimaryColumn(hexText('token'))
  token: Address;

  @PrimaryColumn(hexText('holder'))
  holder: Address;

  @PrimaryColumn(hexText('asset'))
  asset: Address;

  @Column(sum('claimed'))
  claimed: bigint;

  @Column(integer('claim_count'))
  claimCount: number;

  /** For tokens burned. */
  @Column(sum('redeemed'))
  redeemed: bigint;
}
