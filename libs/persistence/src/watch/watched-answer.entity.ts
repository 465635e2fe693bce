import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexText, instant, integer, nullable, uint256, uint64 } from '../database/columns.js';
import { TaskColumns } from '../database/task-columns.js';

/**
 * `waiting`: not judged yet. `unjudgeable`: nothing could be said about it while its window was open, or ever. `missed`: nobody
 * got round to it in time. `void`: it was convicted, or replaced, before we said anything.
 */
export type WatchStatus = 'waiting' | 'right' | 'wrong' | 'unjudgeable' | 'missed' | 'void';

export interface WatchTrouble {
  readonly code: string;
  readonly message: string;
}

/** An answer of somebody else as one watcher sees it. Several watchers share a table. */
@Entity({ name: 'watched_answers' })
export class WatchedAnswerEntity extends TaskColumns {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  @PrimaryColumn(hexText('watcher'))
  watcher: Address;

  @PrimaryColumn(uint256('request_id'))
  requestId: bigint;

  /** Counts the request's answers from 1, as the chain does. */
  @PrimaryColumn(integer('round'))
  round: number;

  @Column(uint256('version_id'))
  versionId: bigint;

  /** Who answered. */
  @Column(hexText('operator'))
  operator: Address;

  @Column(hexText('output_root'))
  outputRoot: Hex;

  /** Where the answer was seen. */
  @Column(uint64('block_number'))
  blockNumber: bigint;

  @Column(hexText('block_hash'))
  blockHash: Hex;

  /** End of its dispute window, by the clock of the chain. */
  @Column(instant('final_at'))
  finalAt: Date;

  @Column({ name: 'status', type: 'text' })
  status: WatchStatus;

  /** The first item or step that is wrong. */
  @Column(nullable(integer('item')))
  item: number | null;

  /** Why it could not be judged, so far. */
  @Column({ name: 'trouble', type: 'jsonb', nullable: true })
  trouble: WatchTrouble | null;
}
