import { Column, Entity, PrimaryColumn } from 'typeorm';
import { label, uint64 } from '../database/columns.js';

/** The rows that a block which is not final yet changed, as they were before it. */
@Entity({ name: 'index_undo' })
export class IndexUndoEntity {
  @PrimaryColumn(uint64('block_number'))
  blockNumber: bigint;

  /** JSON: [table, key, columns before or null for a row that was not there][] */
  @Column(label('changes'))
  changes: string;
}
