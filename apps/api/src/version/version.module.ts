import { Module } from '@nestjs/common';
import { VersionRepository } from '@openimo/persistence';
import { FamilyModule } from '../family/family.module.js';
import { MetaModule } from '../meta/meta.module.js';
import { repository } from '../platform/repository.js';
import { FamilyVersionsResolver, VersionResolver } from './version.resolver.js';
import { VersionService } from './version.service.js';

@Module({
  imports: [FamilyModule, MetaModule],
  providers: [repository(VersionRepository), VersionService, VersionResolver, FamilyVersionsResolver],
  exports: [VersionService],
})
export class VersionModule {}
