import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { flag, hexText, instant, integer, label, nullable, uint256 } from '../database/columns.js';

/**
 * - `drawn`: nothing has been heard yet
 * - `committed`: to a trace that nobody else knows
 * - `confirmed`: the trace ends in the answer
 * - `denied`: it ends in something else
 */
export type AuditStance = 'drawn' | 'committed' | 'confirmed' | 'denied';

/** One auditor's part in an audit. */
@Entity({ name: 'audit_runs' })
export class AuditRunEntity {
  @PrimaryColumn(hexText('audit_id'))
  auditId: Hex;

  @PrimaryColumn(hexText('auditor'))
  auditor: Address;

  /** 0 or 1: in the order in which they were drawn. */
  @Column(integer('place'))
  place: number;

  @Column(label('stance'))
  stance: AuditStance;

  @Column(nullable(hexText('commitment')))
  commitment: Hex | null;

  @Column(nullable(hexText('trace_root')))
  traceRoot: Hex | null;

  /** Of what the trace ends in. */
  @Column(nullable(hexText('output_root')))
  outputRoot: Hex | null;

  /** What it was paid, in units of the audit's asset. */
  @Column(uint256('paid'))
  paid: bigint;

  /** Whether it revealed nothing although the answer became final, and the stake in wei that it lost for it. */
  @Column(flag('missed'))
  missed: boolean;

  @Column(uint256('forfeited'))
  forfeited: bigint;

  @Column(nullable(instant('committed_at')))
  committedAt: Date | null;

  @Column(nullable(instant('revealed_at')))
  revealedAt: Date | null;
}
