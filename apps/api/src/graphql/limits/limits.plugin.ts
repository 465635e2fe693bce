import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import { isDomainError } from '@openimo/domain';
import { GraphQLError } from 'graphql';
import type { Limits } from '../../config/config.js';
import type { RequestContext } from '../request-context.js';
import type { CostCharger } from './cost-charger.js';
import { checkLimits } from './limits.js';

/** Refuses what is too much before any of it runs. */
export class LimitsPlugin implements ApolloServerPlugin<RequestContext> {
  constructor(
    private readonly limits: Limits,
    private readonly charger: CostCharger,
  ) {}

  async requestDidStart(): Promise<GraphQLRequestListener<RequestContext>> {
    return {
      didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
        // What names no operation of the document is refused by Apollo itself.
        if (operation === undefined) return;
        try {
          const cost = checkLimits(this.limits, schema, document, operation, request.variables ?? {});
          await this.charger.charge(contextValue, cost);
        } catch (error) {
          throw refusal(error);
        }
      },
    };
  }
}

/** Apollo takes what is no GraphQLError for a fault of its own. */
function refusal(error: unknown): unknown {
  if (!isDomainError(error)) return error;
  const status = error.retryable ? 429 : 400;
  return new GraphQLError(error.message, { originalError: error, extensions: { http: { status } } });
}
