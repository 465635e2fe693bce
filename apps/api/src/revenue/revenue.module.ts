import { Module } from '@nestjs/common';
import { FeeRepository, RevenueRepository } from '@openimo/persistence';
import { MetaModule } from '../meta/meta.module.js';
import { repository } from '../platform/repository.js';
import { FamilyRevenueResolver, RevenueResolver } from './revenue.resolver.js';
import { RevenueService } from './revenue.service.js';

@Module({
  imports: [MetaModule],
  providers: [
    repository(RevenueRepository),
    repository(FeeRepository),
    RevenueService,
    RevenueResolver,
    FamilyRevenueResolver,
  ],
  exports: [RevenueService],
})
export class RevenueModule {}
