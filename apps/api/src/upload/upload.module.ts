import { join } from 'node:path';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { UploadRepository } from '@openimo/persistence';
import type { Logger, Shutdown } from '@openimo/service';
import type { ApiConfig } from '../config/config.js';
import { ModelFilesModule } from '../platform/model-files.module.js';
import { repository } from '../platform/repository.js';
import { CONFIG, LOG, SHUTDOWN } from '../platform/tokens.js';
import { UploadController } from './upload.controller.js';
import { UploadFiles } from './upload-files.js';
import { UploadResolver } from './upload.resolver.js';
import { UploadService } from './upload.service.js';

const SWEEP_EVERY_MS = 3_600_000;

@Module({
  imports: [ModelFilesModule],
  controllers: [UploadController],
  providers: [
    repository(UploadRepository),
    {
      provide: UploadFiles,
      inject: [CONFIG],
      // Beside the models, so that it is the same disk that has to have room.
      useFactory: ({ models }: ApiConfig) => UploadFiles.open(join(models, '.uploads')),
    },
    UploadService,
    UploadResolver,
  ],
})
export class UploadModule implements OnModuleInit {
  constructor(
    private readonly uploads: UploadService,
    @Inject(LOG) private readonly log: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
  ) {}

  onModuleInit(): void {
    const sweep = () =>
      void this.uploads.sweep().catch((err: unknown) => this.log.warn({ err }, 'abandoned uploads stay for now'));
    const timer = setInterval(sweep, SWEEP_EVERY_MS).unref();
    this.shutdown.add('upload sweep', () => clearInterval(timer));
    sweep();
  }
}
