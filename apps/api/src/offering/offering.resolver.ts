import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import { FamilyService } from '../family/family.service.js';
import { Family } from '../family/family.types.js';
import type { RequestContext } from '../graphql/request-context.js';
import { AddressScalar } from '../graphql/scalars.js';
import { OfferingService } from './offering.service.js';
import {
  Commitment,
  CommitmentConnection,
  CommitmentList,
  Grant,
  Offering,
  OfferingConnection,
  OfferingList,
  OfferingProgress,
  Outcome,
  RaisePoint,
  Tranche,
} from './offering.types.js';

@Resolver(() => Offering)
export class OfferingResolver {
  constructor(
    private readonly offerings: OfferingService,
    private readonly families: FamilyService,
  ) {}

  @Query(() => OfferingConnection, { name: 'offerings' })
  list(@Args() list: OfferingList) {
    return this.offerings.list(list);
  }

  @Query(() => Offering, { nullable: true, name: 'offering' })
  byAddress(@Args('address', { type: () => AddressScalar }) address: Address, @Context() { loaders }: RequestContext) {
    return this.offerings.byAddress(address, loaders);
  }

  @ResolveField(() => Family)
  family(@Parent() { familyId }: Offering, @Context() { loaders }: RequestContext) {
    return this.families.byId(familyId, loaders);
  }

  @ResolveField(() => OfferingProgress)
  progress(@Parent() offering: Offering, @Context() { loaders }: RequestContext) {
    return this.offerings.progressOf(offering, loaders);
  }

  @ResolveField(() => [RaisePoint], {
    description: 'At most 200 points between opening and close, and what came later.',
  })
  raiseCurve(@Parent() { address }: Offering, @Context() { loaders }: RequestContext) {
    return this.offerings.raiseCurveOf(address, loaders);
  }

  @ResolveField(() => [Tranche])
  tranches(@Parent() { address }: Offering, @Context() { loaders }: RequestContext) {
    return this.offerings.tranchesOf(address, loaders);
  }

  @ResolveField(() => [Grant])
  grants(@Parent() { address }: Offering, @Context() { loaders }: RequestContext) {
    return this.offerings.grantsOf(address, loaders);
  }

  @ResolveField(() => CommitmentConnection)
  commitments(@Parent() { address }: Offering, @Args() list: CommitmentList, @Context() { loaders }: RequestContext) {
    return this.offerings.commitmentsTo(address, list, loaders);
  }

  @ResolveField(() => Commitment, { nullable: true, description: "One account's; by default that of whoever asks." })
  commitment(
    @Parent() { address }: Offering,
    @Args('account', { type: () => AddressScalar, nullable: true }) account: Address | undefined,
    @Context() { loaders, viewer }: RequestContext,
  ) {
    const buyer = account ?? viewer?.address;
    return buyer === undefined ? null : this.offerings.commitmentBy(address, buyer, loaders);
  }
}

@Resolver(() => Commitment)
export class CommitmentResolver {
  constructor(private readonly offerings: OfferingService) {}

  @ResolveField('offering', () => Offering)
  sale(@Parent() { offering }: Commitment, @Context() { loaders }: RequestContext) {
    return this.offerings.byAddress(offering, loaders);
  }

  @ResolveField(() => Outcome)
  outcome(@Parent() commitment: Commitment, @Context() { loaders }: RequestContext) {
    return this.offerings.outcomeOf(commitment, loaders);
  }
}

@Resolver(() => Grant)
export class GrantResolver {
  constructor(private readonly offerings: OfferingService) {}

  @ResolveField('offering', () => Offering)
  sale(@Parent() { offering }: Grant, @Context() { loaders }: RequestContext) {
    return this.offerings.byAddress(offering, loaders);
  }
}

@Resolver(() => Family)
export class FamilyOfferingsResolver {
  constructor(private readonly offerings: OfferingService) {}

  @ResolveField('offerings', () => OfferingConnection)
  list(@Parent() { familyId }: Family, @Args() list: OfferingList, @Context() { loaders }: RequestContext) {
    return this.offerings.ofFamily(familyId, list, loaders);
  }
}
