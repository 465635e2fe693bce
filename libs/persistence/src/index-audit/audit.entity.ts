import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { flag, hexText, instant, integer, nullable, uint256, uint64 } from '../database/columns.js';

/** An answer that was drawn to be run again by others. Money in units of `asset`. */
@Entity({ name: 'audits' })
export class AuditEntity {
  @PrimaryColumn(hexText('audit_id'))
  auditId: Hex;

  @Column(uint256('request_id'))
  requestId: bigint;

  /** Which of the request's answers, as `AssertionEntity.round` counts. */
  @Column(integer('round'))
  round: number;

  @Column(uint256('version_id'))
  versionId: bigint;

  @Column(uint256('family_id'))
  familyId: bigint;

  /** Who gave the answer. */
  @Column(hexText('operator'))
  operator: Address;

  /** The item of the batch or the step of the text that is run again; null until an auditor has revealed it. */
  @Column(nullable(integer('item')))
  item: number | null;

  @Column(hexText('asset'))
  asset: Address;

  /** Of each auditor. */
  @Column(uint256('share'))
  share: bigint;

  /** How many were drawn. */
  @Column(integer('auditor_count'))
  auditorCount: number;

  /** When auditors can no longer commit, and when no longer reveal. */
  @Column(instant('commit_until'))
  commitUntil: Date;

  @Column(instant('reveal_until'))
  revealUntil: Date;

  /** Whether the answer was convicted; null until it is settled. */
  @Column(nullable(flag('convicted')))
  convicted: boolean | null;

  @Column(uint64('selected_block'))
  selectedBlock: bigint;

  @Column(hexText('selected_transaction'))
  selectedTransaction: Hex;

  @Column(instant('selected_at'))
  selectedAt: Date;

  @Column(nullable(instant('settled_at')))
  settledAt: Date | null;
}
