import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, integer, uint256 } from '../database/columns.js';

/** Tokens that vest: team, contributors, liquidity. Seconds after settlement. */
@Entity({ name: 'grants' })
export class GrantEntity {
  @PrimaryColumn(hexText('escrow'))
  escrow: Address;

  @PrimaryColumn(integer('grant_id'))
  grantId: number;

  @Column(hexText('offering'))
  offering: Address;

  @Column(hexText('token'))
  token: Address;

  @Column(hexText('beneficiary'))
  beneficiary: Address;

  @Column(uint256('amount'))
  amount: bigint;

  @Column(integer('cliff_seconds'))
  cliffSeconds: number;

  @Column(integer('duration_seconds'))
  durationSeconds: number;

  @Column(uint256('released'))
  released: bigint;
}
