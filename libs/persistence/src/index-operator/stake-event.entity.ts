import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, label, nullable, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

export type StakeEventKind =
  'added' | 'locked' | 'unlocked' | 'slashed' | 'exitRequested' | 'exitCancelled' | 'withdrawn';

/** A change of an operator's stake, and the stake after it. Wei. */
@Entity({ name: 'stake_events' })
export class StakeEventEntity extends EventRow {
  @Column(hexText('operator'))
  operator: Address;

  @Column(label('kind'))
  kind: StakeEventKind;

  @Column(uint256('amount'))
  amount: bigint;

  /** Who received it, of `slashed` and `withdrawn`. */
  @Column(nullable(hexText('to_address')))
  to: Address | null;

  @Column(uint256('stake'))
  stake: bigint;

  @Column(uint256('locked'))
  locked: bigint;

  @Column(uint256('exiting'))
  exiting: bigint;
}
