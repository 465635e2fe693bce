import { Injectable } from '@nestjs/common';
import { type FamilyEntity, FamilyRepository, type LineagePartyEntity } from '@openimo/persistence';
import { type Connection, toConnection } from '../graphql/connection.js';
import { toPageQuery } from '../graphql/list-arguments.js';
import type { Loaders } from '../graphql/loaders.js';
import type { FamilyList } from './family.types.js';

@Injectable()
export class FamilyService {
  constructor(private readonly families: FamilyRepository) {}

  async list(list: FamilyList): Promise<Connection<FamilyEntity>> {
    return toConnection(await this.families.page(toPageQuery(list)), list.after);
  }

  byId(familyId: bigint, loaders: Loaders): Promise<FamilyEntity | null> {
    const fetch = (ids: readonly bigint[]) => this.families.byIds(ids);
    return loaders.one('family', fetch, (family: FamilyEntity) => family.familyId).load(familyId);
  }

  lineageOf(familyId: bigint, loaders: Loaders): Promise<readonly LineagePartyEntity[]> {
    const fetch = (ids: readonly bigint[]) => this.families.lineageOf(ids);
    return loaders.many('lineage', fetch, (party: LineagePartyEntity) => party.familyId).load(familyId);
  }

  childrenOf(familyId: bigint, loaders: Loaders): Promise<readonly LineagePartyEntity[]> {
    const fetch = (ids: readonly bigint[]) => this.families.childrenOf(ids);
    return loaders.many('children', fetch, (party: LineagePartyEntity) => party.parentFamilyId).load(familyId);
  }
}
