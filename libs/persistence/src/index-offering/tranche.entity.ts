import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, nullable, uint256 } from '../database/columns.js';

/** A part of a sale's proceeds and when it is released. */
@Entity({ name: 'tranches' })
export class TrancheEntity {
  @PrimaryColumn(hexText('offering'))
  offering: Address;

  @PrimaryColumn(integer('number'))
  number: number;

  /** After settlement. */
  @Column(integer('delay_seconds'))
  delaySeconds: number;

  @Column(integer('share_bps'))
  shareBps: number;

  /** Null before settlement. */
  @Column(nullable(instant('due_at')))
  dueAt: Date | null;

  @Column(nullable(uint256('released')))
  released: bigint | null;

  @Column(nullable(instant('released_at')))
  releasedAt: Date | null;
}
