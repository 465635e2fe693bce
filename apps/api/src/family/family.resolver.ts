import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { RequestContext } from '../graphql/request-context.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { FamilyService } from './family.service.js';
import { Family, FamilyConnection, FamilyList, LineageParty } from './family.types.js';

@Resolver(() => Family)
export class FamilyResolver {
  constructor(private readonly families: FamilyService) {}

  @Query(() => FamilyConnection, { name: 'families' })
  list(@Args() list: FamilyList) {
    return this.families.list(list);
  }

  @Query(() => Family, { nullable: true, name: 'family' })
  byId(@Args('familyId', { type: () => BigIntScalar }) familyId: bigint, @Context() { loaders }: RequestContext) {
    return this.families.byId(familyId, loaders);
  }

  @ResolveField(() => [LineageParty], { description: 'Whom it descends from, in the order of registration.' })
  lineage(@Parent() { familyId }: Family, @Context() { loaders }: RequestContext) {
    return this.families.lineageOf(familyId, loaders);
  }

  @ResolveField(() => [Family], { description: 'Families that descend from it.' })
  children(@Parent() { familyId }: Family, @Context() { loaders }: RequestContext) {
    return this.families.childrenOf(familyId, loaders);
  }
}

@Resolver(() => LineageParty)
export class LineagePartyResolver {
  constructor(private readonly families: FamilyService) {}

  @ResolveField(() => Family, { nullable: true })
  parent(@Parent() { parentFamilyId }: LineageParty, @Context() { loaders }: RequestContext) {
    return parentFamilyId === null ? null : this.families.byId(parentFamilyId, loaders);
  }
}
