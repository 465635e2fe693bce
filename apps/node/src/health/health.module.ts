import { Module } from '@nestjs/common';
import type { Chain, Signer } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import type { DataSource } from '@openimo/persistence';
import type { NodeConfig } from '../config/config.js';
import { type Logger, Vitals } from '@openimo/service';
import { CHAIN, CONFIG, DATABASE, DEPLOYMENT, LOG, SIGNER } from '../platform/tokens.js';
import { Monitor } from './monitor.js';

@Module({
  providers: [
    {
      provide: Monitor,
      inject: [DATABASE, CHAIN, DEPLOYMENT, SIGNER, CONFIG, Vitals, LOG],
      useFactory: (
        database: DataSource,
        chain: Chain,
        deployment: Deployment,
        signer: Signer,
        config: NodeConfig,
        vitals: Vitals,
        log: Logger,
      ) => new Monitor(database, chain.client, deployment.genesisHash, signer.address, config, vitals, log),
    },
  ],
  exports: [Monitor],
})
export class HealthModule {}
