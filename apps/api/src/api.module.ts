import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import { apolloOptions } from './graphql/apollo-options.js';
import { PassOnFilter } from './graphql/pass-on.filter.js';
import { HealthModule } from './health/health.module.js';
import { NOUNS } from './nouns.js';
import { ChainModule } from './chain/chain.module.js';
import { PlatformModule, type PlatformOptions } from './platform/platform.module.js';
import { AUTHENTICATOR, CONFIG, COST_CHARGER, LOG } from './platform/tokens.js';

@Module({})
export class ApiModule {
  static of(options: PlatformOptions): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        PlatformModule.of(options),
        ChainModule,
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          inject: [CONFIG, LOG, AUTHENTICATOR, COST_CHARGER],
          useFactory: apolloOptions,
        }),
        HealthModule,
        ...NOUNS,
      ],
      providers: [{ provide: APP_FILTER, useClass: PassOnFilter }],
    };
  }
}
