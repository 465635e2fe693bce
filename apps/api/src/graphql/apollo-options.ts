import type { ApolloDriverConfig } from '@nestjs/apollo';
import type { Logger } from '@openimo/service';
import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { ApiConfig } from '../config/config.js';
import type { Authenticator } from './authenticator.js';
import { describeToClient } from './errors.js';
import { Loaders } from './loaders.js';
import type { RequestContext } from './request-context.js';

export const GRAPHQL_PATH = '/graphql';

export function apolloOptions(
  config: ApiConfig,
  log: Logger,
  authenticator: Authenticator,
): Omit<ApolloDriverConfig, 'driver'> {
  return {
    path: GRAPHQL_PATH,
    autoSchemaFile: true,
    sortSchema: true,
    buildSchemaOptions: { dateScalarMode: 'isoDate' },
    introspection: config.introspection,
    graphiql: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    csrfPrevention: true,
    parseOptions: { maxTokens: config.limits.tokens },
    context: async ({ req }: { req: IncomingMessage }): Promise<RequestContext> => {
      const viewer = await authenticator.authenticate({ headers: req.headers });
      return { viewer, client: viewer?.address ?? req.socket.remoteAddress ?? 'unknown', loaders: new Loaders() };
    },
    formatError: (formatted, error) =>
      error instanceof GraphQLError ? { ...formatted, ...describeToClient(error, log) } : formatted,
  };
}
