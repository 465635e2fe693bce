import { Module } from '@nestjs/common';
import type { Chain } from '@openimo/chain';
import type { ModelStore } from '@openimo/domain';
import { checkModel } from '@openimo/inference';
import type { JobRepository } from '@openimo/persistence';
import type { NodeConfig } from '../config/config.js';
import { Effects } from '../effect/effects.js';
import { type Logger, Vitals } from '@openimo/service';
import { CHAIN, CONFIG, JOBS, LOG, MODEL_STORE } from '../platform/tokens.js';
import { Protocol } from '../protocol/protocol.js';
import { RootAttester } from '../self-test/root-attester.js';
import { SelfTest } from '../self-test/self-test.js';
import { SelfTestModule } from '../self-test/self-test.module.js';
import { EnrolmentService } from './enrolment.service.js';
import { ModelCatalogue } from './model-catalogue.js';

@Module({
  imports: [SelfTestModule],
  providers: [
    {
      provide: ModelCatalogue,
      inject: [MODEL_STORE, SelfTest, RootAttester],
      useFactory: (store: ModelStore, selfTest: SelfTest, attester: RootAttester) =>
        new ModelCatalogue({ store, check: checkModel, selfTest, attester }),
    },
    {
      provide: EnrolmentService,
      inject: [CONFIG, CHAIN, Protocol, ModelCatalogue, Effects, JOBS, Vitals, LOG],
      useFactory: (
        config: NodeConfig,
        chain: Chain,
        protocol: Protocol,
        catalogue: ModelCatalogue,
        effects: Effects,
        jobs: JobRepository,
        vitals: Vitals,
        log: Logger,
      ) => new EnrolmentService(config, chain.client, protocol, catalogue, effects, jobs, vitals, log),
    },
  ],
  exports: [EnrolmentService, ModelCatalogue],
})
export class EnrolmentModule {}
