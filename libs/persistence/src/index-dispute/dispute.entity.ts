import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { flag, hexText, instant, integer, label, nullable, uint256, uint64 } from '../database/columns.js';

/**
 * What a dispute waits for, or how it ended:
 * - `awaitTrace`: the operator's trace
 * - `awaitPick`: the challenger's pick among the children that were revealed last
 * - `awaitReveal`: the children of what was picked, or its chunk
 * - `awaitProof`: the challenger's proof that an element of the chunk is wrong
 * - `operatorLost`, `challengerLost`: decided
 * - `moot`: another challenger convicted the operator first
 */
export type DisputePhase =
  'awaitTrace' | 'awaitPick' | 'awaitReveal' | 'awaitProof' | 'operatorLost' | 'challengerLost' | 'moot';
export type DisputeSide = 'operator' | 'challenger';

/** One challenger against one item of one answer. Money in wei, times left in seconds. */
@Entity({ name: 'disputes' })
export class DisputeEntity {
  @PrimaryColumn(hexText('dispute_id'))
  disputeId: Hex;

  @Column(uint256('request_id'))
  requestId: bigint;

  /** Which of the request's answers, as `AssertionEntity.round` counts: one more than the game's own round. */
  @Column(integer('round'))
  round: number;

  /** Of the batch, or the step of a text; from 0. */
  @Column(integer('item'))
  item: number;

  @Column(uint256('version_id'))
  versionId: bigint;

  @Column(uint256('family_id'))
  familyId: bigint;

  @Column(hexText('challenger'))
  challenger: Address;

  /** Who gave the answer. */
  @Column(hexText('operator'))
  operator: Address;

  @Column(label('phase'))
  phase: DisputePhase;

  /** Whose clock runs; null once decided. */
  @Column(nullable(label('turn')))
  turn: DisputeSide | null;

  /** When that clock has run down, and anyone may end the dispute. */
  @Column(nullable(instant('deadline')))
  deadline: Date | null;

  /** What each side had at first. */
  @Column(integer('clock'))
  clock: number;

  /** Counted down by moves, as are the challenger's. */
  @Column(integer('operator_left'))
  operatorLeft: number;

  @Column(integer('challenger_left'))
  challengerLeft: number;

  /** When the clock that runs started. */
  @Column(instant('since'))
  since: Date;

  /** The step in question, once a pick has reached it. */
  @Column(nullable(integer('node')))
  node: number | null;

  /** Where among those of its height the subtree lies that was picked: below the trace's root, then below the step's tensor. */
  @Column(integer('position'))
  position: number;

  /** How many children were revealed last. */
  @Column(integer('width'))
  width: number;

  /** Moves since the challenge, without the trace, which all disputes of an item share. */
  @Column(integer('move_count'))
  moveCount: number;

  /** The challenger's. */
  @Column(uint256('bond'))
  bond: bigint;

  /** The loser's; it is split into the three below. */
  @Column(nullable(uint256('lost_bond')))
  lostBond: bigint | null;

  /** The winner's, for its gas. */
  @Column(nullable(uint256('gas_share')))
  gasShare: bigint | null;

  /** The winner's, for having been right. */
  @Column(nullable(uint256('reward')))
  reward: bigint | null;

  @Column(nullable(uint256('burned')))
  burned: bigint | null;

  /** Whether the loser's clock had run down. */
  @Column(nullable(flag('out_of_time')))
  outOfTime: boolean | null;

  @Column(uint64('opened_block'))
  openedBlock: bigint;

  @Column(hexText('opened_transaction'))
  openedTransaction: Hex;

  @Column(instant('opened_at'))
  openedAt: Date;

  @Column(nullable(instant('closed_at')))
  closedAt: Date | null;

  @Column(nullable(hexText('closed_transaction')))
  closedTransaction: Hex | null;
}
