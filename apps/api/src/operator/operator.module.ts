import { Module } from '@nestjs/common';
import { EnrolmentRepository, OperatorRepository, StakeEventRepository } from '@openimo/persistence';
import { MetaModule } from '../meta/meta.module.js';
import { repository } from '../platform/repository.js';
import { RequestModule } from '../request/request.module.js';
import { VersionModule } from '../version/version.module.js';
import {
  AssertionOperatorResolver,
  AttestationResolver,
  EnrolmentResolver,
  OperatorResolver,
  RequestOperatorResolver,
  VersionOperatorsResolver,
} from './operator.resolver.js';
import { OperatorService } from './operator.service.js';

@Module({
  imports: [MetaModule, RequestModule, VersionModule],
  providers: [
    repository(OperatorRepository),
    repository(EnrolmentRepository),
    repository(StakeEventRepository),
    OperatorService,
    OperatorResolver,
    EnrolmentResolver,
    AttestationResolver,
    VersionOperatorsResolver,
    RequestOperatorResolver,
    AssertionOperatorResolver,
  ],
  exports: [OperatorService],
})
export class OperatorModule {}
