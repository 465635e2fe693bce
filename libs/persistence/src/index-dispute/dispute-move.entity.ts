import { Column, Entity } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexData, hexText, integer, json, label, nullable } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** The trace is no row here: it belongs to all disputes of an item (`TraceEntity`). */
export type DisputeMoveKind =
  'challenged' | 'picked' | 'revealed' | 'chunkRevealed' | 'operatorConvicted' | 'challengeLost';

/** One event of one dispute, and the clocks after it. */
@Entity({ name: 'dispute_moves' })
export class DisputeMoveEntity extends EventRow {
  @Column(hexText('dispute_id'))
  disputeId: Hex;

  @Column(label('kind'))
  kind: DisputeMoveKind;

  /** Seconds that the operator had left. */
  @Column(integer('operator_left'))
  operatorLeft: number;

  @Column(integer('challenger_left'))
  challengerLeft: number;

  /** Of `picked`: the child, which of them it was, and the step once it is known. */
  @Column(nullable(hexText('child')))
  child: Hex | null;

  @Column(nullable(integer('child_index')))
  childIndex: number | null;

  @Column(nullable(integer('node')))
  node: number | null;

  /** Of `revealed`. */
  @Column(nullable(json('children')))
  children: Hex[] | null;

  /** Of `chunkRevealed`: the bytes, and which chunk of the step's tensor they are. */
  @Column(nullable(hexData('chunk')))
  chunk: Hex | null;

  @Column(nullable(integer('chunk_index')))
  chunkIndex: number | null;
}
