import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, json, label, nullable, uint256, uint64 } from '../database/columns.js';

/** A publisher's model, its token and waterfall. Shares in basis points. */
@Entity({ name: 'families' })
export class FamilyEntity {
  @PrimaryColumn(uint256('family_id'))
  familyId: bigint;

  @Column(label('name'))
  name: string;

  @Column(hexText('publisher'))
  publisher: Address;

  @Column(nullable(hexText('pending_publisher')))
  pendingPublisher: Address | null;

  /** Null until an offering succeeds. */
  @Column(nullable(hexText('token')))
  token: Address | null;

  @Column(integer('operator_bps'))
  operatorBps: number;

  /** Until `nextPublisherBpsAt`; `nextPublisherBps` from then on. */
  @Column(integer('publisher_bps'))
  publisherBps: number;

  @Column(nullable(integer('next_publisher_bps')))
  nextPublisherBps: number | null;

  @Column(nullable(instant('next_publisher_bps_at')))
  nextPublisherBpsAt: Date | null;

  @Column(integer('lineage_bps'))
  lineageBps: number;

  @Column(integer('holders_floor_bps'))
  holdersFloorBps: number;

  /** What fees may be paid in, ETH (the zero address) first. */
  @Column(json('assets'))
  assets: Address[];

  @Column(integer('version_count'))
  versionCount: number;

  @Column(integer('offering_count'))
  offeringCount: number;

  /** Requests that were made to any of its versions. */
  @Column(integer('request_count'))
  requestCount: number;

  @Column(uint64('created_block'))
  createdBlock: bigint;

  @Column(instant('created_at'))
  createdAt: Date;
}
