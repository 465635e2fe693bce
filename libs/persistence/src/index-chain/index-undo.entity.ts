import { Column, Entity, PrimaryColumn } from 'typeorm';
import { label, uint64 } from '../database/columns.js';

/** The rows that a block which is not final yet changed, as they were before it. */
@Entity({ name: 'index_undo' })
export class IndexUndoEntity {
  @PrimaryColumn(uint64('block_number'))
  blockNumber: bigint;

  /** JSON: `Before` of `undo.ts`. */
  @Column(label('changes'))
  changes: string;
}
