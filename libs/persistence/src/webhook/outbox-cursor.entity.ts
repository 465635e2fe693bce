import { Column, Entity, PrimaryColumn } from 'typeorm';
import { label, uint64 } from '../database/columns.js';

/** How far a consumer of the outbox is. */
@Entity({ name: 'outbox_cursors' })
export class OutboxCursorEntity {
  @PrimaryColumn(label('consumer'))
  consumer: string;

  /** Of the last row it has handled. */
  @Column(uint64('position'))
  position: bigint;
}
