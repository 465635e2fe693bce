import { Args, Context, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { VersionEntity } from '@openimo/persistence';
import { FamilyService } from '../family/family.service.js';
import { Family } from '../family/family.types.js';
import type { RequestContext } from '../graphql/request-context.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { VersionService } from './version.service.js';
import { Attestation, Price, Verification, Version, VersionConnection, VersionList } from './version.types.js';

@Resolver(() => Version)
export class VersionResolver {
  constructor(
    private readonly versions: VersionService,
    private readonly families: FamilyService,
  ) {}

  @Query(() => VersionConnection, { name: 'versions' })
  list(@Args() list: VersionList) {
    return this.versions.list(list);
  }

  @Query(() => Version, { nullable: true, name: 'version' })
  byId(@Args('versionId', { type: () => BigIntScalar }) versionId: bigint, @Context() { loaders }: RequestContext) {
    return this.versions.byId(versionId, loaders);
  }

  @ResolveField(() => Family)
  family(@Parent() { familyId }: Version, @Context() { loaders }: RequestContext) {
    return this.families.byId(familyId, loaders);
  }

  @ResolveField(() => Version, { nullable: true, description: 'The earliest version with the same weights.' })
  duplicateOf(@Parent() { duplicateOf }: Version, @Context() { loaders }: RequestContext) {
    return duplicateOf === null ? null : this.versions.byId(duplicateOf, loaders);
  }

  @ResolveField(() => [Price], { description: 'One for each asset it can be paid in.' })
  prices(@Parent() { versionId }: Version, @Context() { loaders }: RequestContext) {
    return this.versions.pricesOf(versionId, loaders);
  }

  @ResolveField(() => Int, { nullable: true, description: 'Of a version that writes text: the most bytes it writes.' })
  mostNewBytes(@Parent() { context, maxOutput }: Version) {
    return context === null ? null : maxOutput;
  }

  @ResolveField(() => [Attestation], { description: 'Of operators that serve it now.' })
  attestations(@Parent() { versionId }: Version, @Context() { loaders }: RequestContext) {
    return this.versions.attestationsOf(versionId, loaders);
  }

  @ResolveField(() => Verification)
  verification(@Parent() version: VersionEntity, @Context() { loaders }: RequestContext) {
    return this.versions.verificationOf(version, loaders);
  }
}

@Resolver(() => Family)
export class FamilyVersionsResolver {
  constructor(private readonly versions: VersionService) {}

  @ResolveField('versions', () => VersionConnection)
  list(@Parent() { familyId }: Family, @Args() list: VersionList, @Context() { loaders }: RequestContext) {
    return this.versions.ofFamily(familyId, list, loaders);
  }
}
