import { Args, Int, Query, Resolver } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import { AddressScalar } from '../graphql/scalars.js';
import { DashboardService } from './dashboard.service.js';
import { Dashboard } from './dashboard.types.js';

@Resolver(() => Dashboard)
export class DashboardResolver {
  constructor(private readonly dashboards: DashboardService) {}

  @Query(() => Dashboard, { name: 'dashboard' })
  read(
    @Args('account', { type: () => AddressScalar }) account: Address,
    @Args('days', { type: () => Int, defaultValue: 30, description: 'Of revenue, today included.' }) days: number,
  ) {
    return this.dashboards.read(account, days);
  }
}
