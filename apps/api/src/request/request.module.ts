import { Module } from '@nestjs/common';
import {
  AssertionRepository,
  CallbackRepository,
  RequestInputRepository,
  RequestRepository,
} from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { VersionModule } from '../version/version.module.js';
import {
  AssertionResolver,
  FamilyRequestsResolver,
  RequestResolver,
  VersionRequestsResolver,
} from './request.resolver.js';
import { RequestService } from './request.service.js';

@Module({
  imports: [VersionModule],
  providers: [
    repository(RequestRepository),
    repository(RequestInputRepository),
    repository(AssertionRepository),
    repository(CallbackRepository),
    RequestService,
    RequestResolver,
    AssertionResolver,
    VersionRequestsResolver,
    FamilyRequestsResolver,
  ],
  exports: [RequestService],
})
export class RequestModule {}
