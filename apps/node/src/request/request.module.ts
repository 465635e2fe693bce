import { Module } from '@nestjs/common';
import type { Chain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import type { ModelRunner } from '@openimo/domain';
import type { DataSource, JobRepository } from '@openimo/persistence';
import { type Logger, Vitals } from '@openimo/service';
import type { NodeConfig } from '../config/config.js';
import { Effects } from '../effect/effects.js';
import { EnrolmentModule } from '../enrolment/enrolment.module.js';
import { EnrolmentService } from '../enrolment/enrolment.service.js';
import { ModelCatalogue } from '../enrolment/model-catalogue.js';
import { CHAIN, CONFIG, DATABASE, DEPLOYMENT, JOBS, LOG, MODEL_RUNNER } from '../platform/tokens.js';
import { Protocol } from '../protocol/protocol.js';
import { RequestFollower } from './request.follower.js';
import { RequestWorker } from './request.worker.js';

@Module({
  imports: [EnrolmentModule],
  providers: [
    {
      provide: RequestWorker,
      inject: [DATABASE, JOBS, CHAIN, Protocol, ModelCatalogue, MODEL_RUNNER, Effects, Vitals, LOG, CONFIG],
      useFactory: (
        database: DataSource,
        jobs: JobRepository,
        chain: Chain,
        protocol: Protocol,
        catalogue: ModelCatalogue,
        runner: ModelRunner,
        effects: Effects,
        vitals: Vitals,
        log: Logger,
        { pollMs }: NodeConfig,
      ) => new RequestWorker(database, jobs, chain.client, protocol, catalogue, runner, effects, vitals, log, pollMs),
    },
    {
      provide: RequestFollower,
      inject: [DATABASE, CHAIN, DEPLOYMENT, JOBS, RequestWorker, EnrolmentService, Vitals, LOG],
      useFactory: (
        database: DataSource,
        chain: Chain,
        deployment: Deployment,
        jobs: JobRepository,
        worker: RequestWorker,
        enrolments: EnrolmentService,
        vitals: Vitals,
        log: Logger,
      ) => new RequestFollower(database, chain, deployment, jobs, worker, enrolments, vitals, log),
    },
  ],
  exports: [RequestWorker, RequestFollower],
})
export class RequestModule {}
