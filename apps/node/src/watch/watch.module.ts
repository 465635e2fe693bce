import { Module } from '@nestjs/common';
import type { Chain, Signer } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { TraceService } from '@openimo/disputes';
import { type DataSource, WatchedAnswerRepository } from '@openimo/persistence';
import { type Logger, Vitals } from '@openimo/service';
import { DisputeModule } from '../dispute/dispute.module.js';
import { DisputeService } from '../dispute/dispute.service.js';
import type { NodeConfig } from '../config/config.js';
import { CHAIN, CONFIG, DATABASE, DEPLOYMENT, LOG, MODEL_RUNNER, MODEL_STORE, SIGNER } from '../platform/tokens.js';
import { Protocol } from '../protocol/protocol.js';
import { RootAttester } from '../self-test/root-attester.js';
import { SelfTest } from '../self-test/self-test.js';
import { SelfTestModule } from '../self-test/self-test.module.js';
import { Judge } from './judge.js';
import { WatchFollower } from './watch.follower.js';
import { Watcher } from './watcher.js';

@Module({
  imports: [DisputeModule, SelfTestModule],
  providers: [
    {
      provide: Judge,
      inject: [MODEL_RUNNER, SelfTest, RootAttester, TraceService, MODEL_STORE],
      useFactory: (...parts: ConstructorParameters<typeof Judge>) => new Judge(...parts),
    },
    {
      provide: WatchedAnswerRepository,
      inject: [DATABASE, CHAIN, SIGNER],
      useFactory: (database: DataSource, chain: Chain, signer: Signer) =>
        new WatchedAnswerRepository(database, chain.id, signer.address),
    },
    {
      provide: Watcher,
      inject: [WatchedAnswerRepository, CHAIN, DEPLOYMENT, Protocol, Judge, DisputeService, Vitals, LOG, CONFIG],
      useFactory: (
        answers: WatchedAnswerRepository,
        chain: Chain,
        deployment: Deployment,
        protocol: Protocol,
        judge: Judge,
        disputes: DisputeService,
        vitals: Vitals,
        log: Logger,
        { pollMs }: NodeConfig,
      ) => new Watcher(answers, chain.client, deployment, protocol, judge, disputes, vitals, log, pollMs),
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
