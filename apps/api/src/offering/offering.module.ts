import { Module } from '@nestjs/common';
import {
  CommitmentRepository,
  GrantRepository,
  OfferingRepository,
  OutcomeRepository,
  TrancheRepository,
} from '@openimo/persistence';
import { FamilyModule } from '../family/family.module.js';
import { MetaModule } from '../meta/meta.module.js';
import { repository } from '../platform/repository.js';
import { CommitmentResolver, FamilyOfferingsResolver, GrantResolver, OfferingResolver } from './offering.resolver.js';
import { OfferingService } from './offering.service.js';

@Module({
  imports: [FamilyModule, MetaModule],
  providers: [
    repository(OfferingRepository),
    repository(CommitmentRepository),
    repository(OutcomeRepository),
    repository(TrancheRepository),
    repository(GrantRepository),
    OfferingService,
    OfferingResolver,
    CommitmentResolver,
    GrantResolver,
    FamilyOfferingsResolver,
  ],
  exports: [OfferingService],
})
export class OfferingModule {}
