import { Column } from 'typeorm';
import { instant, integer } from './columns.js';

/** What a row has that workers take up again and again until it is done. */
export abstract class TaskColumns {
  /** How often a worker took it up in this status. */
  @Column(integer('attempts'))
  attempts: number;

  @Column(instant('next_attempt_at'))
  nextAttemptAt: Date;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(instant('updated_at'))
  updatedAt: Date;
}
