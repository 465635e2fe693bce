import { Injectable } from '@nestjs/common';
import { type FamilyEntity, FamilyRepository, type LineagePartyEntity, LineageRepository } from '@openimo/persistence';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readMany, readOne, readPage } from '../graphql/read.js';
import type { FamilyList } from './family.types.js';

@Injectable()
export class FamilyService {
  constructor(
    private readonly families: FamilyRepository,
    private readonly lineage: LineageRepository,
  ) {}

  list(list: FamilyList): Promise<Connection<FamilyEntity>> {
    return readPage(this.families, list);
  }

  byId(familyId: bigint, loaders: Loaders): Promise<FamilyEntity | null> {
    return readOne(this.families, 'familyId', familyId, loaders);
  }

  lineageOf(familyId: bigint, loaders: Loaders): Promise<readonly LineagePartyEntity[]> {
    return readMany(this.lineage, 'familyId', familyId, loaders);
  }

  async childrenOf(familyId: bigint, loaders: Loaders): Promise<(FamilyEntity | null)[]> {
    const parties = await readMany(this.lineage, 'parentFamilyId', familyId, loaders);
    return Promise.all(parties.map((party) => this.byId(party.familyId, loaders)));
  }
}
