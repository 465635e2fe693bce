import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, sum } from '../database/columns.js';

/** Revenue of one token in one asset, summed over a stretch of time. The zero address as token: all tokens together. */
export abstract class RevenueBucket {
  @PrimaryColumn(hexText('token'))
  token: Address;

  @PrimaryColumn(hexText('asset'))
  asset: Address;

  /** In UTC. */
  @PrimaryColumn(instant('start'))
  start: Date;

  @Column(sum('received'))
  received: bigint;

  @Column(sum('claimed'))
  claimed: bigint;

  @Column(sum('redeemed'))
  redeemed: bigint;

  /** Payments received. */
  @Column(integer('receipt_count'))
  receiptCount: number;
}

@Entity({ name: 'revenue_by_hour' })
export class RevenueByHourEntity extends RevenueBucket {}

@Entity({ name: 'revenue_by_day' })
export class RevenueByDayEntity extends RevenueBucket {}
