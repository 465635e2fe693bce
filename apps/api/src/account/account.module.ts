import { Module } from '@nestjs/common';
import { CreditRepository } from '@openimo/persistence';
import { OfferingModule } from '../offering/offering.module.js';
import { repository } from '../platform/repository.js';
import { RequestModule } from '../request/request.module.js';
import { TokenModule } from '../token/token.module.js';
import { AccountResolver } from './account.resolver.js';
import { AccountService } from './account.service.js';

@Module({
  imports: [TokenModule, OfferingModule, RequestModule],
  providers: [repository(CreditRepository), AccountService, AccountResolver],
})
export class AccountModule {}
