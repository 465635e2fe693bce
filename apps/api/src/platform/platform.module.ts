import { type DynamicModule, Global, Module } from '@nestjs/common';
import { createChain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { ApiKeyRepository, type DataSource, SessionRepository } from '@openimo/persistence';
import { connectDatabase, type Logger, readDeployment, type Shutdown } from '@openimo/service';
import { KeyBudgets } from '../api-key/key-budgets.js';
import { HeaderAuthenticator } from '../auth/header.authenticator.js';
import { keyFor, randomSecret } from '../auth/keys.js';
import { Nonces } from '../auth/nonces.js';
import { Tokens } from '../auth/tokens.js';
import type { ApiConfig } from '../config/config.js';
import { type CostCharger, MinuteBudgets } from '../graphql/limits/cost-charger.js';
import type { Authenticator } from '../graphql/authenticator.js';
import { AUTHENTICATOR, CHAIN, CONFIG, DATABASE, DEPLOYMENT, LOG, SHUTDOWN, COST_CHARGER } from './tokens.js';

export interface PlatformOptions {
  readonly config: ApiConfig;
  readonly log: Logger;
  readonly shutdown: Shutdown;
  /** Default: by session, token and API key. */
  readonly authenticator?: Authenticator;
  readonly costCharger?: CostCharger;
}

const TOKEN_SECONDS = 15 * 60;
const NONCE_MS = 10 * 60_000;

/** What every noun may ask for. */
@Global()
@Module({})
export class PlatformModule {
  static of({ config, log, shutdown, authenticator, costCharger }: PlatformOptions): DynamicModule {
    const secret = config.authSecret ?? randomSecret();
    const tokens = new Tokens(keyFor('token', secret), TOKEN_SECONDS);
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: LOG, useValue: log },
      { provide: SHUTDOWN, useValue: shutdown },
      { provide: Tokens, useValue: tokens },
      { provide: Nonces, useValue: new Nonces(keyFor('nonce', secret), NONCE_MS) },
      {
        provide: AUTHENTICATOR,
        inject: [DATABASE],
        useFactory: (database: DataSource): Authenticator =>
          authenticator ??
          new HeaderAuthenticator(new SessionRepository(database), new ApiKeyRepository(database), tokens),
      },
      {
        provide: COST_CHARGER,
        inject: [DATABASE],
        useFactory: (database: DataSource): CostCharger =>
          costCharger ?? new KeyBudgets(new MinuteBudgets(config.limits.costPerMinute), new ApiKeyRepository(database)),
      },
      { provide: DEPLOYMENT, useFactory: () => readDeployment(config.deployment) },
      {
        provide: DATABASE,
        useFactory: () => {
          const options = { poolSize: config.databasePool, statementTimeoutMs: config.limits.statementMs };
          return connectDatabase(config.databaseUrl, log, shutdown, options);
        },
      },
      {
        provide: CHAIN,
        inject: [DEPLOYMENT],
        useFactory: ({ chainId }: Deployment) => createChain({ rpcUrl: config.rpcUrl, chainId, batch: true }),
      },
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
