import { Module } from '@nestjs/common';
import type { Chain, Signer } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { TraceService } from '@openimo/disputes';
import type { ModelStore } from '@openimo/domain';
import { type DataSource, GameEventRepository, GrievanceRepository } from '@openimo/persistence';
import { type Logger, Vitals } from '@openimo/service';
import type { NodeConfig } from '../config/config.js';
import { Effects } from '../effect/effects.js';
import { CHAIN, CONFIG, DATABASE, DEPLOYMENT, LOG, MODEL_STORE, SIGNER } from '../platform/tokens.js';
import { Protocol } from '../protocol/protocol.js';
import { DisputeBook } from './dispute-book.js';
import { DisputeFollower } from './dispute.follower.js';
import { DisputePlayer } from './dispute-player.js';
import { DisputeService } from './dispute.service.js';
import { DisputeWorker } from './dispute.worker.js';
import { Game } from './game.js';

@Module({
  providers: [
    { provide: DisputeBook, useValue: new DisputeBook() },
    {
      provide: Game,
      inject: [CHAIN, DEPLOYMENT, SIGNER],
      useFactory: (chain: Chain, deployment: Deployment, signer: Signer) =>
        new Game(chain.client, deployment, signer.address),
    },
    {
      provide: GameEventRepository,
      inject: [DATABASE, CHAIN, SIGNER],
      useFactory: (database: DataSource, chain: Chain, signer: Signer) =>
        new GameEventRepository(database, chain.id, signer.address),
    },
    {
      provide: GrievanceRepository,
      inject: [DATABASE, CHAIN, SIGNER],
      useFactory: (database: DataSource, chain: Chain, signer: Signer) =>
        new GrievanceRepository(database, chain.id, signer.address),
    },
    {
      provide: DisputePlayer,
      inject: [TraceService, CHAIN, DEPLOYMENT, Protocol, MODEL_STORE],
      useFactory: (tracer: TraceService, chain: Chain, deployment: Deployment, protocol: Protocol, store: ModelStore) =>
        new DisputePlayer(tracer, chain, deployment, protocol, store),
    },
    {
      provide: DisputeWorker,
      inject: [CHAIN, DisputeBook, GrievanceRepository, Game, DisputePlayer, Effects, Vitals, LOG, CONFIG],
      useFactory: (
        chain: Chain,
        book: DisputeBook,
        grievances: GrievanceRepository,
        game: Game,
        player: DisputePlayer,
        effects: Effects,
        vitals: Vitals,
        log: Logger,
        { pollMs }: NodeConfig,
      ) => new DisputeWorker(chain.client, book, grievances, game, player, effects, vitals, log, pollMs),
    },
    {
      provide: DisputeFollower,
      inject: [
        ...[DATABASE, CHAIN, DEPLOYMENT, GameEventRepository, GrievanceRepository],
        ...[DisputeBook, DisputeWorker, Vitals, LOG],
      ],
      useFactory: (...parts: ConstructorParameters<typeof DisputeFollower>) => new DisputeFollower(...parts),
    },
    {
      provide: DisputeService,
      inject: [GrievanceRepository, DisputeWorker],
      useFactory: (grievances: GrievanceRepository, worker: DisputeWorker) => new DisputeService(grievances, worker),
    },
  ],
  exports: [DisputeFollower, DisputeWorker, DisputeService],
})
export class DisputeModule {}
