import { Args, Context, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Family } from '../family/family.types.js';
import type { RequestContext } from '../graphql/request-context.js';
import { RevenueService } from './revenue.service.js';
import { FeePoint, OrganicRevenue, RevenuePoint, SeriesArguments } from './revenue.types.js';

@Resolver()
export class RevenueResolver {
  constructor(private readonly revenue: RevenueService) {}

  @Query(() => [RevenuePoint], { description: 'Of all tokens together.' })
  revenueSeries(@Args() series: SeriesArguments, @Context() { loaders }: RequestContext) {
    return this.revenue.series(series, loaders);
  }

  @Query(() => [FeePoint], { description: 'Of all families together.' })
  feeSeries(@Args() series: SeriesArguments, @Context() { loaders }: RequestContext) {
    return this.revenue.feeSeries(series, loaders);
  }
}

@Resolver(() => Family)
export class FamilyRevenueResolver {
  constructor(private readonly revenue: RevenueService) {}

  @ResolveField(() => [FeePoint])
  feeSeries(@Parent() { familyId }: Family, @Args() series: SeriesArguments, @Context() { loaders }: RequestContext) {
    return this.revenue.feeSeries(series, loaders, familyId);
  }

  @ResolveField(() => [OrganicRevenue], { description: 'One for each asset it was paid in.' })
  organicRevenue(
    @Parent() { familyId }: Family,
    @Args('days', { type: () => Int, defaultValue: 30 }) days: number,
    @Context() { loaders }: RequestContext,
  ) {
    return this.revenue.organicRevenueOf(familyId, days, loaders);
  }
}
