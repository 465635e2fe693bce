import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import { FamilyService } from '../family/family.service.js';
import { Family } from '../family/family.types.js';
import type { RequestContext } from '../graphql/request-context.js';
import { AddressScalar } from '../graphql/scalars.js';
import { OfferingService } from '../offering/offering.service.js';
import { Grant, Offering } from '../offering/offering.types.js';
import { RevenueService } from '../revenue/revenue.service.js';
import { RealisedYield, RevenuePoint, SeriesArguments } from '../revenue/revenue.types.js';
import { TokenService } from './token.service.js';
import {
  AssetAmount,
  Claim,
  ClaimConnection,
  ClaimList,
  Concentration,
  Holding,
  HoldingConnection,
  HoldingList,
  PaidRevenue,
  RevenueEventConnection,
  RevenueEventList,
  Token,
  TokenConnection,
  TokenList,
} from './token.types.js';

@Resolver(() => Token)
export class TokenResolver {
  constructor(
    private readonly tokens: TokenService,
    private readonly families: FamilyService,
    private readonly offerings: OfferingService,
    private readonly revenue: RevenueService,
  ) {}

  @Query(() => TokenConnection, { name: 'tokens' })
  list(@Args() list: TokenList) {
    return this.tokens.list(list);
  }

  @Query(() => Token, { nullable: true, name: 'token' })
  byAddress(@Args('address', { type: () => AddressScalar }) address: Address, @Context() { loaders }: RequestContext) {
    return this.tokens.byAddress(address, loaders);
  }

  @ResolveField(() => Family)
  family(@Parent() { familyId }: Token, @Context() { loaders }: RequestContext) {
    return this.families.byId(familyId, loaders);
  }

  @ResolveField('offering', () => Offering)
  sale(@Parent() { offering }: Token, @Context() { loaders }: RequestContext) {
    return this.offerings.byAddress(offering, loaders);
  }

  @ResolveField(() => HoldingConnection, { description: 'Accounts with a balance, contracts included.' })
  holders(@Parent() { address }: Token, @Args() list: HoldingList, @Context() { loaders }: RequestContext) {
    return this.tokens.holdersOf(address, list, loaders);
  }

  @ResolveField(() => Holding, { nullable: true, description: "One account's; by default that of whoever asks." })
  holding(
    @Parent() { address }: Token,
    @Args('account', { type: () => AddressScalar, nullable: true }) account: Address | undefined,
    @Context() { loaders, viewer }: RequestContext,
  ) {
    const holder = account ?? viewer?.address;
    return holder === undefined ? null : this.tokens.holdingOf(address, holder, loaders);
  }

  @ResolveField(() => Concentration, { nullable: true, description: 'Null where nothing circulates.' })
  concentration(@Parent() { address }: Token, @Context() { loaders }: RequestContext) {
    return this.tokens.concentrationOf(address, loaders);
  }

  @ResolveField(() => [RevenuePoint])
  revenueSeries(@Parent() { address }: Token, @Args() series: SeriesArguments, @Context() { loaders }: RequestContext) {
    return this.revenue.series(series, loaders, address);
  }

  @ResolveField(() => RevenueEventConnection)
  revenueEvents(@Parent() { address }: Token, @Args() list: RevenueEventList, @Context() { loaders }: RequestContext) {
    return this.tokens.revenueEventsOf(address, list, loaders);
  }

  @ResolveField(() => [RealisedYield], {
    description: 'Over 7, 30 and 90 days, for each asset in which there was revenue.',
  })
  realisedYields(@Parent() { address }: Token, @Context() { loaders }: RequestContext) {
    return this.revenue.realisedYieldsOf(address, loaders);
  }

  @ResolveField(() => ClaimConnection)
  claims(@Parent() { address }: Token, @Args() list: ClaimList, @Context() { loaders }: RequestContext) {
    return this.tokens.claimsOf(address, list, loaders);
  }
}

@Resolver(() => Holding)
export class HoldingResolver {
  constructor(private readonly tokens: TokenService) {}

  @ResolveField('token', () => Token)
  held(@Parent() { token }: Holding, @Context() { loaders }: RequestContext) {
    return this.tokens.byAddress(token, loaders);
  }

  @ResolveField(() => [PaidRevenue], { description: 'So far.' })
  paid(@Parent() holding: Holding, @Context() { loaders }: RequestContext) {
    return this.tokens.paidTo(holding, loaders);
  }

  @ResolveField(() => [AssetAmount], { description: "What claiming would pay now, exact at the chain's latest block." })
  claimable(@Parent() holding: Holding, @Context() { loaders }: RequestContext) {
    return this.tokens.claimableBy(holding, loaders);
  }
}

@Resolver(() => Claim)
export class ClaimResolver {
  constructor(private readonly tokens: TokenService) {}

  @ResolveField('token', () => Token)
  by(@Parent() { token }: Claim, @Context() { loaders }: RequestContext) {
    return this.tokens.byAddress(token, loaders);
  }
}

@Resolver(() => Family)
export class FamilyTokenResolver {
  constructor(private readonly tokens: TokenService) {}

  @ResolveField('token', () => Token, { nullable: true, description: 'Null until an offering succeeds.' })
  byFamily(@Parent() { token }: Family, @Context() { loaders }: RequestContext) {
    return token === null ? null : this.tokens.byAddress(token, loaders);
  }
}

@Resolver(() => Offering)
export class OfferingTokenResolver {
  constructor(private readonly tokens: TokenService) {}

  @ResolveField('token', () => Token)
  sold(@Parent() { token }: Offering, @Context() { loaders }: RequestContext) {
    return this.tokens.byAddress(token, loaders);
  }
}

@Resolver(() => Grant)
export class GrantTokenResolver {
  constructor(private readonly tokens: TokenService) {}

  @ResolveField('token', () => Token)
  vesting(@Parent() { token }: Grant, @Context() { loaders }: RequestContext) {
    return this.tokens.byAddress(token, loaders);
  }
}
