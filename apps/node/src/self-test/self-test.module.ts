import { Module } from '@nestjs/common';
import { PROFILE_VERSION } from '@openimo/donnx';
import type { ModelRunner } from '@openimo/domain';
import { profileModel, testRuntime } from '@openimo/inference';
import { type DataSource, ModelProfileRepository } from '@openimo/persistence';
import { type Logger, Vitals } from '@openimo/service';
import { DATABASE, LOG, MODEL_RUNNER } from '../platform/tokens.js';
import { RootAttester } from './root-attester.js';
import { SelfTest } from './self-test.js';

@Module({
  providers: [
    {
      provide: SelfTest,
      inject: [Vitals, LOG],
      useFactory: (vitals: Vitals, log: Logger) => new SelfTest(() => testRuntime(), vitals, log),
    },
    {
      provide: RootAttester,
      inject: [DATABASE, MODEL_RUNNER, Vitals, LOG],
      useFactory: (database: DataSource, runner: ModelRunner, vitals: Vitals, log: Logger) => {
        const profiles = new ModelProfileRepository(database, PROFILE_VERSION);
        return new RootAttester(profiles, profileModel, runner, vitals, log);
      },
    },
  ],
  exports: [SelfTest, RootAttester],
})
export class SelfTestModule {}
