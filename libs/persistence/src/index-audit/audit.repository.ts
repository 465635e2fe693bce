import type { DataSource } from 'typeorm';
import { ReadTable } from '../query/read-table.js';
import { AuditRunEntity } from './audit-run.entity.js';
import { AuditEntity } from './audit.entity.js';

export class AuditRepository extends ReadTable<AuditEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, AuditEntity);
  }
}

export class AuditRunRepository extends ReadTable<AuditRunEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, AuditRunEntity);
  }
}
