import { Module } from '@nestjs/common';
import { FamilyRepository, LineageRepository } from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { FamilyResolver, LineagePartyResolver } from './family.resolver.js';
import { FamilyService } from './family.service.js';

@Module({
  providers: [
    repository(FamilyRepository),
    repository(LineageRepository),
    FamilyService,
    FamilyResolver,
    LineagePartyResolver,
  ],
  exports: [FamilyService],
})
export class FamilyModule {}
