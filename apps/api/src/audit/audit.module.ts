import { Module } from '@nestjs/common';
import { AuditRepository, AuditRunRepository } from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { RequestModule } from '../request/request.module.js';
import { AssertionAuditResolver, AuditResolver, VersionAuditsResolver } from './audit.resolver.js';
import { AuditService } from './audit.service.js';

@Module({
  imports: [RequestModule],
  providers: [
    repository(AuditRepository),
    repository(AuditRunRepository),
    AuditService,
    AuditResolver,
    AssertionAuditResolver,
    VersionAuditsResolver,
  ],
})
export class AuditModule {}
