import type { IncomingMessage } from 'node:http';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import type { Logger } from '@openimo/service';
import { GraphQLError } from 'graphql';
import type { ApiConfig } from '../config/config.js';
import { MOVE_TYPES } from '../dispute/dispute-move.types.js';
import type { Authenticator } from './authenticator.js';
import { describeToClient } from './errors.js';
import type { CostCharger } from './limits/cost-charger.js';
import { LimitsPlugin } from './limits/limits.plugin.js';
import { Loaders } from './loaders.js';
import { PlainJsonPlugin } from './plain-json.plugin.js';
import type { RequestContext } from './request-context.js';

export const GRAPHQL_PATH = '/graphql';

const DAY_SECONDS = 86_400;

export function apolloOptions(
  config: ApiConfig,
  log: Logger,
  authenticator: Authenticator,
  charger: CostCharger,
): Omit<ApolloDriverConfig, 'driver'> {
  return {
    path: GRAPHQL_PATH,
    autoSchemaFile: true,
    sortSchema: true,
    // Nothing names those but the interface that they implement.
    buildSchemaOptions: { dateScalarMode: 'isoDate', orphanedTypes: [...MOVE_TYPES] },
    introspection: config.introspection,
    graphiql: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    hideSchemaDetailsFromClientErrors: !config.introspection,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    parseOptions: { maxTokens: config.limits.tokens },
    // Automatic persisted queries, for clients that send a hash instead of the same text again.
    persistedQueries: { ttl: DAY_SECONDS },
    plugins: [
      new LimitsPlugin(config.limits, charger),
      new PlainJsonPlugin(),
      // It would watch every field of every answer; nothing here may be cached by others.
      ApolloServerPluginCacheControlDisabled(),
    ],
    context: async ({ req }: { req: IncomingMessage }): Promise<RequestContext> => {
      const viewer = await authenticator.authenticate({ headers: req.headers });
      return { viewer, client: viewer?.address ?? req.socket.remoteAddress ?? 'unknown', loaders: new Loaders() };
    },
    formatError: (formatted, error) =>
      error instanceof GraphQLError ? { ...formatted, ...describeToClient(error, log) } : formatted,
  };
}
