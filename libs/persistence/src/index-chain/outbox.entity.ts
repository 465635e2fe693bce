import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexText, instant, integer, label, nullable, uint64 } from '../database/columns.js';

/**
 * - `event`: a log of a block that is now part of the read model
 * - `retracted`: that log's block is not on the chain any more
 * - `finalized`: no block up to `blockNumber` will be retracted
 * - `reset`: the read model was emptied and is filled again; forget what you know
 */
export type OutboxKind = 'event' | 'retracted' | 'finalized' | 'reset';

/** What became of the read model, in the order in which it became so; positions have no gaps. */
@Entity({ name: 'outbox' })
export class OutboxEntity {
  @PrimaryColumn(uint64('position'))
  position: bigint;

  /** Never used twice, also not for a block that leaves the chain and comes back. */
  @Column(label('event_id'))
  eventId: string;

  @Column(label('kind'))
  kind: OutboxKind;

  @Column(uint64('block_number'))
  blockNumber: bigint;

  @Column(nullable(hexText('block_hash')))
  blockHash: Hex | null;

  @Column(nullable(integer('log_index')))
  logIndex: number | null;

  /** Name of the Solidity event, e.g. `Committed`. */
  @Column(nullable(label('event')))
  event: string | null;

  /** What kind of thing it happened to: `family`, `version`, `offering`, `token`, `escrow`, `request`, `dispute`, `audit`, `operator`, `account`. */
  @Column(nullable(label('subject')))
  subject: string | null;

  /** Its id: a decimal, an address or a hash. */
  @Column(nullable(label('subject_id')))
  subjectId: string | null;

  /** The account it concerns, if any. */
  @Column(nullable(hexText('account')))
  account: Hex | null;

  @Column(nullable(instant('at')))
  at: Date | null;

  /** Position of the row that retracts this one. */
  @Column(nullable(uint64('retracted_by')))
  retractedBy: bigint | null;
}
