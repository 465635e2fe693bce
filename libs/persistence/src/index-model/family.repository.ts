import type { DataSource } from 'typeorm';
import { ReadTable } from '../query/read-table.js';
import { FamilyEntity } from './family.entity.js';
import { LineagePartyEntity } from './lineage-party.entity.js';

export class FamilyRepository extends ReadTable<FamilyEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, FamilyEntity);
  }
}

/** What families descend from: parents and contributors. */
export class LineageRepository extends ReadTable<LineagePartyEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, LineagePartyEntity);
  }
}
