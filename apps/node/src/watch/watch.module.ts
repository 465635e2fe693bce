import { Module } from '@nestjs/common';
import type { Chain, Signer } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import type { ModelRunner } from '@openimo/domain';
import { type DataSource, WatchedAnswerRepository } from '@openimo/persistence';
import { type Logger, Vitals } from '@openimo/service';
import { DisputeModule } from '../dispute/dispute.module.js';
import { DisputeService } from '../dispute/dispute.service.js';
import type { NodeConfig } from '../config/config.js';
import { CHAIN, CONFIG, DATABASE, DEPLOYMENT, LOG, MODEL_RUNNER, SIGNER } from '../platform/tokens.js';
import { Protocol } from '../protocol/protocol.js';
import { WatchFollower } from './watch.follower.js';
import { Watcher } from './watcher.js';

@Module({
  imports: [DisputeModule],
  providers: [
    {
      provide: WatchedAnswerRepository,
      inject: [DATABASE, CHAIN, SIGNER],
      useFactory: (database: DataSource, chain: Chain, signer: Signer) =>
        new WatchedAnswerRepository(database, chain.id, signer.address),
    },
    {
      provide: Watcher,
      inject: [WatchedAnswerRepository, CHAIN, DEPLOYMENT, Protocol, MODEL_RUNNER, DisputeService, Vitals, LOG, CONFIG],
      useFactory: (
        answers: WatchedAnswerRepository,
        chain: Chain,
        deployment: Deployment,
        protocol: Protocol,
        runner: ModelRunner,
        disputes: DisputeService,
        vitals: Vitals,
        log: Logger,
        { pollMs }: NodeConfig,
      ) => new Watcher(answers, chain.client, deployment, protocol, runner, disputes, vitals, log, pollMs),
    },
    {
      provide: WatchFollower,
      inject: [CONFIG, DATABASE, CHAIN, DEPLOYMENT, WatchedAnswerRepository, Watcher, Vitals, LOG],
      useFactory: (
        config: NodeConfig,
        database: DataSource,
        chain: Chain,
        deployment: Deployment,
        answers: WatchedAnswerRepository,
        watcher: Watcher,
        vitals: Vitals,
        log: Logger,
      ) => new WatchFollower(config, database, chain, deployment, answers, watcher, vitals, log),
    },
  ],
  exports: [WatchedAnswerRepository, Watcher, WatchFollower],
})
export class WatchModule {}
