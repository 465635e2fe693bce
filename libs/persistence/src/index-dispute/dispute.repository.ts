import type { DataSource } from 'typeorm';
import { ReadTable } from '../query/read-table.js';
import { DisputeMoveEntity } from './dispute-move.entity.js';
import { DisputeEntity } from './dispute.entity.js';
import { TraceEntity } from './trace.entity.js';

export class DisputeRepository extends ReadTable<DisputeEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, DisputeEntity);
  }
}

export class DisputeMoveRepository extends ReadTable<DisputeMoveEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, DisputeMoveEntity);
  }
}

export class TraceRepository extends ReadTable<TraceEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, TraceEntity);
  }
}
