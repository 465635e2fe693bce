import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { flag, hexText, instant, integer, json, label, nullable, uint256, uint64 } from '../database/columns.js';

/** A ModelToken, from the creation of its offering on. 18 decimals. */
@Entity({ name: 'tokens' })
export class TokenEntity {
  @PrimaryColumn(hexText('address'))
  address: Address;

  @Column(uint256('family_id'))
  familyId: bigint;

  @Column(hexText('offering'))
  offering: Address;

  @Column(hexText('escrow'))
  escrow: Address;

  @Column(hexText('publisher'))
  publisher: Address;

  @Column(label('name'))
  name: string;

  @Column(label('symbol'))
  symbol: string;

  /** The supply at creation. */
  @Column(uint256('initial_supply'))
  initialSupply: bigint;

  @Column(uint256('total_supply'))
  totalSupply: bigint;

  @Column(integer('claimable_bps'))
  claimableBps: number;

  @Column(integer('stream_period_seconds'))
  streamPeriodSeconds: number;

  /** ETH (the zero address) first. */
  @Column(json('assets'))
  assets: Address[];

  /** Whether it is its family's token: its sale succeeded. */
  @Column(flag('bound'))
  bound: boolean;

  /** Accounts with a balance now, contracts included. */
  @Column(integer('holder_count'))
  holderCount: number;

  /** Null until the sale settles. */
  @Column(nullable(instant('revenue_opens_at')))
  revenueOpensAt: Date | null;

  /** Id of the newest snapshot. */
  @Column(integer('mark_count'))
  markCount: number;

  @Column(uint64('created_block'))
  createdBlock: bigint;

  @Column(instant('created_at'))
  createdAt: Date;
}
