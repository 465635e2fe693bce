import { Module } from '@nestjs/common';
import { MetadataDocumentRepository } from '@openimo/persistence';
import { OutboundModule } from '../platform/outbound.module.js';
import { repository } from '../platform/repository.js';
import { MetadataResolver } from './metadata.resolver.js';
import { MetadataService } from './metadata.service.js';

@Module({
  imports: [OutboundModule],
  providers: [repository(MetadataDocumentRepository), MetadataService, MetadataResolver],
})
export class MetadataModule {}
