import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant, integer, label } from '../database/columns.js';

/** What a key spent in one period of its budget. */
@Entity({ name: 'api_key_usage' })
export class ApiKeyUsageEntity {
  @PrimaryColumn(label('key_id'))
  keyId: string;

  @PrimaryColumn(instant('period_start'))
  periodStart: Date;

  /** Cost units. */
  @Column(integer('spent'))
  spent: number;

  @Column(integer('charge_count'))
  chargeCount: number;
}
