import { Module } from '@nestjs/common';
import type { Chain, Signer } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { TraceService } from '@openimo/disputes';
import type { ModelStore } from '@openimo/domain';
import { type Logger, Vitals } from '@openimo/service';
import type { NodeConfig } from '../config/config.js';
import { DisputeModule } from '../dispute/dispute.module.js';
import { DisputeService } from '../dispute/dispute.service.js';
import { Effects } from '../effect/effects.js';
import { CHAIN, CONFIG, DEPLOYMENT, LOG, MODEL_STORE, SIGNER } from '../platform/tokens.js';
import { AuditFollower } from './audit.follower.js';
import { AuditWorker } from './audit.worker.js';
import { Audits } from './audits.js';

@Module({
  imports: [DisputeModule],
  providers: [
    {
      provide: Audits,
      inject: [CHAIN, DEPLOYMENT, SIGNER],
      useFactory: (chain: Chain, deployment: Deployment, signer: Signer) =>
        new Audits(chain.client, deployment, signer.address),
    },
    {
      provide: AuditWorker,
      inject: [CHAIN, DEPLOYMENT, Audits, TraceService, MODEL_STORE, DisputeService, Effects, LOG, CONFIG],
      useFactory: (
        chain: Chain,
        deployment: Deployment,
        audits: Audits,
        tracer: TraceService,
        store: ModelStore,
        grievances: DisputeService,
        effects: Effects,
        log: Logger,
        { pollMs }: NodeConfig,
      ) => new AuditWorker(chain, deployment, audits, tracer, store, grievances, effects, log, pollMs),
    },
    {
      provide: AuditFollower,
      inject: [CHAIN, DEPLOYMENT, AuditWorker, Vitals, LOG],
      useFactory: (...parts: ConstructorParameters<typeof AuditFollower>) => new AuditFollower(...parts),
    },
  ],
  exports: [AuditFollower, AuditWorker],
})
export class AuditModule {}
