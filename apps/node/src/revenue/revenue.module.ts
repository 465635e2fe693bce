import { Module } from '@nestjs/common';
import type { Chain } from '@openimo/chain';
import type { NodeConfig } from '../config/config.js';
import { Effects } from '../effect/effects.js';
import { EnrolmentModule } from '../enrolment/enrolment.module.js';
import { EnrolmentService } from '../enrolment/enrolment.service.js';
import type { Logger } from '@openimo/service';
import { CHAIN, CONFIG, LOG } from '../platform/tokens.js';
import { Protocol } from '../protocol/protocol.js';
import { RevenueCollector } from './revenue.collector.js';

@Module({
  imports: [EnrolmentModule],
  providers: [
    {
      provide: RevenueCollector,
      inject: [CONFIG, CHAIN, Protocol, EnrolmentService, Effects, LOG],
      useFactory: (
        config: NodeConfig,
        chain: Chain,
        protocol: Protocol,
        enrolments: EnrolmentService,
        effects: Effects,
        log: Logger,
      ) => new RevenueCollector(config, chain, protocol, enrolments, effects, log),
    },
  ],
  exports: [RevenueCollector],
})
export class RevenueModule {}
