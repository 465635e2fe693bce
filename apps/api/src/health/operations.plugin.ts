import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import { Plugin } from '@nestjs/apollo';
import { ApiMetrics, type OperationEnd } from './metrics.js';

/** Counts every operation over HTTP, also those that never ran. */
@Plugin()
export class OperationsPlugin implements ApolloServerPlugin {
  constructor(private readonly metrics: ApiMetrics) {}

  async requestDidStart(): Promise<GraphQLRequestListener<never>> {
    const startedAt = performance.now();
    return {
      willSendResponse: async ({ operation, errors }) => {
        const type: OperationEnd['type'] = operation?.operation ?? 'none';
        const code = errors?.[0]?.extensions['code'];
        const outcome = errors === undefined ? 'ok' : typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR';
        this.metrics.count({ type, outcome, seconds: (performance.now() - startedAt) / 1_000 });
      },
    };
  }
}
