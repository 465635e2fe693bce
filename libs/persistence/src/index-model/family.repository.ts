import type { DataSource } from 'typeorm';
import type { Page, PageQuery } from '../query/page.js';
import { ReadTable } from '../query/read-table.js';
import { FamilyEntity } from './family.entity.js';
import { LineagePartyEntity } from './lineage-party.entity.js';

/** Families and what they descend from. */
export class FamilyRepository {
  readonly #families: ReadTable<FamilyEntity>;
  readonly #parties: ReadTable<LineagePartyEntity>;

  constructor(dataSource: DataSource) {
    this.#families = new ReadTable(dataSource, FamilyEntity);
    this.#parties = new ReadTable(dataSource, LineagePartyEntity);
  }

  page(query: PageQuery<FamilyEntity>): Promise<Page<FamilyEntity>> {
    return this.#families.page(query);
  }

  /** Those there are, in no order. */
  byIds(familyIds: readonly bigint[]): Promise<FamilyEntity[]> {
    return this.#families.findBy('familyId', familyIds);
  }

  /** Parents and contributors, by family and position. */
  lineageOf(familyIds: readonly bigint[]): Promise<LineagePartyEntity[]> {
    return this.#parties.findBy('familyId', familyIds);
  }

  /** What other families owe to these as parents. */
  childrenOf(familyIds: readonly bigint[]): Promise<LineagePartyEntity[]> {
    return this.#parties.findBy('parentFamilyId', familyIds);
  }
}
