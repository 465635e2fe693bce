import { Module } from '@nestjs/common';
import { DraftRepository } from '@openimo/persistence';
import { ModelFilesModule } from '../platform/model-files.module.js';
import { repository } from '../platform/repository.js';
import { DraftResolver } from './draft.resolver.js';
import { DraftService } from './draft.service.js';
import { TestRunService } from './test-run.service.js';

@Module({
  imports: [ModelFilesModule],
  providers: [repository(DraftRepository), DraftService, TestRunService, DraftResolver],
})
export class DraftModule {}
