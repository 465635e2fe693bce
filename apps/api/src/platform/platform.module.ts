import { type DynamicModule, Global, Module } from '@nestjs/common';
import { createChain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import type { Logger, Shutdown } from '@openimo/service';
import type { ApiConfig } from '../config/config.js';
import type { Authenticator } from '../graphql/authenticator.js';
import { connectDatabase, readDeployment } from './connect.js';
import { AUTHENTICATOR, CHAIN, CONFIG, DATABASE, DEPLOYMENT, LOG, SHUTDOWN } from './tokens.js';

export interface PlatformOptions {
  readonly config: ApiConfig;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  readonly authenticator: Authenticator;
}

/** What every noun may ask for. */
@Global()
@Module({})
export class PlatformModule {
  static of({ config, log, shutdown, authenticator }: PlatformOptions): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: LOG, useValue: log },
      { provide: SHUTDOWN, useValue: shutdown },
      { provide: AUTHENTICATOR, useValue: authenticator },
      { provide: DEPLOYMENT, useFactory: () => readDeployment(config) },
      { provide: DATABASE, useFactory: () => connectDatabase(config, log, shutdown) },
      {
        provide: CHAIN,
        inject: [DEPLOYMENT],
        useFactory: ({ chainId }: Deployment) => createChain({ rpcUrl: config.rpcUrl, chainId }),
      },
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
