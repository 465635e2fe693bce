import { Module } from '@nestjs/common';
import type { Chain, Signer } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import type { ModelRunner } from '@openimo/domain';
import { type DataSource, WatchedAnswerRepository } from '@openimo/persistence';
import { type Logger, Vitals } from '@openimo/service';
import type { NodeConfig } from '../config/config.js';
import { CHAIN, CONFIG, DATABASE, DEPLOYMENT, LOG, MODEL_RUNNER, SIGNER } from '../platform/tokens.js';
import { Protocol } from '../protocol/protocol.js';
import { WatchFollower } from './watch.follower.js';
import { Watcher } from './watcher.js';

@Module({
  providers: [
    {
      provide: WatchedAnswerRepository,
      inject: [DATABASE, CHAIN, SIGNER],
      useFactory: (database: DataSource, chain: Chain, signer: Signer) =>
        new WatchedAnswerRepository(database, chain.id, signer.address),
    },
    {
      provide: Watcher,
      inject: [WatchedAnswerRepository, CHAIN, DEPLOYMENT, Protocol, MODEL_RUNNER, Vitals, LOG, CONFIG],
      useFactory: (
        answers: WatchedAnswerRepository,
        chain: Chain,
        deployment: Deployment,
        protocol: Protocol,
        runner: ModelRunner,
        vitals: Vitals,
        log: Logger,
        { pollMs }: NodeConfig,
      ) => {
        const grievances = {
          file: async ({ requestId, item }: { requestId: bigint; item: number }) =>
            log.warn({ requestId, item }, 'nobody disputes here yet'),
        };
        return new Watcher(answers, chain.client, deployment, protocol, runner, grievances, vitals, log, pollMs);
      },
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
