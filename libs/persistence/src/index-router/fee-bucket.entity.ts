import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, sum, uint256 } from '../database/columns.js';

/** What went down a family's waterfall in one asset, summed over a stretch of time. Family 0: all families together. */
export abstract class FeeBucket {
  @PrimaryColumn(uint256('family_id'))
  familyId: bigint;

  @PrimaryColumn(hexText('asset'))
  asset: Address;

  /** In UTC. */
  @PrimaryColumn(instant('start'))
  start: Date;

  @Column(integer('payment_count'))
  paymentCount: number;

  @Column(sum('amount'))
  amount: bigint;

  @Column(sum('operator_amount'))
  operatorAmount: bigint;

  @Column(sum('publisher_amount'))
  publisherAmount: bigint;

  @Column(sum('lineage_amount'))
  lineageAmount: bigint;

  @Column(sum('protocol_amount'))
  protocolAmount: bigint;

  @Column(sum('holders_amount'))
  holdersAmount: bigint;
}

@Entity({ name: 'fees_by_hour' })
export class FeesByHourEntity extends FeeBucket {}

@Entity({ name: 'fees_by_day' })
export class FeesByDayEntity extends FeeBucket {}
