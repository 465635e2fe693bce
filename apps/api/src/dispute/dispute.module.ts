import { Module } from '@nestjs/common';
import { DisputeMoveRepository, DisputeRepository, TraceRepository } from '@openimo/persistence';
import { OperatorModule } from '../operator/operator.module.js';
import { repository } from '../platform/repository.js';
import { RequestModule } from '../request/request.module.js';
import { VersionModule } from '../version/version.module.js';
import {
  AccountChallengesResolver,
  AssertionDisputesResolver,
  DisputeResolver,
  FamilyDisputesResolver,
  OperatorDisputesResolver,
  RequestDisputesResolver,
  VersionDisputesResolver,
} from './dispute.resolver.js';
import { DisputeService } from './dispute.service.js';

@Module({
  imports: [OperatorModule, RequestModule, VersionModule],
  providers: [
    repository(DisputeRepository),
    repository(DisputeMoveRepository),
    repository(TraceRepository),
    DisputeService,
    DisputeResolver,
    RequestDisputesResolver,
    AssertionDisputesResolver,
    OperatorDisputesResolver,
    VersionDisputesResolver,
    FamilyDisputesResolver,
    AccountChallengesResolver,
  ],
  exports: [DisputeService],
})
export class DisputeModule {}
