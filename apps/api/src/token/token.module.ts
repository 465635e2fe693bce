import { Module } from '@nestjs/common';
import {
  ClaimRepository,
  HolderRevenueRepository,
  HoldingRepository,
  RevenueEventRepository,
  TokenRepository,
} from '@openimo/persistence';
import { FamilyModule } from '../family/family.module.js';
import { OfferingModule } from '../offering/offering.module.js';
import { repository } from '../platform/repository.js';
import { RevenueModule } from '../revenue/revenue.module.js';
import {
  ClaimResolver,
  FamilyTokenResolver,
  GrantTokenResolver,
  HoldingResolver,
  OfferingTokenResolver,
  TokenResolver,
} from './token.resolver.js';
import { TokenService } from './token.service.js';

@Module({
  imports: [FamilyModule, OfferingModule, RevenueModule],
  providers: [
    repository(TokenRepository),
    repository(HoldingRepository),
    repository(HolderRevenueRepository),
    repository(ClaimRepository),
    repository(RevenueEventRepository),
    TokenService,
    TokenResolver,
    HoldingResolver,
    ClaimResolver,
    FamilyTokenResolver,
    OfferingTokenResolver,
    GrantTokenResolver,
  ],
  exports: [TokenService],
})
export class TokenModule {}
