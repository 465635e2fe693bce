import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexText, instant, nullable, uint256 } from '../database/columns.js';

/** An operator in the draw of a version. Enrolled now where `leftAt` is null. */
@Entity({ name: 'enrolments' })
export class EnrolmentEntity {
  @PrimaryColumn(hexText('operator'))
  operator: Address;

  @PrimaryColumn(uint256('version_id'))
  versionId: bigint;

  /** What the operator attested; null where the version has none. */
  @Column(nullable(hexText('model_root')))
  modelRoot: Hex | null;

  /** Of the newest enrolment. */
  @Column(instant('enrolled_at'))
  enrolledAt: Date;

  @Column(nullable(instant('left_at')))
  leftAt: Date | null;
}
