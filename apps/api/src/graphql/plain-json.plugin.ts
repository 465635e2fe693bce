import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';

/**
 * GraphQL over HTTP, for clients that accept `application/json` and not `application/graphql-response+json`: what is wrong with
 * a document is told with status 200, because anything else might come from somebody in between. Apollo says 400.
 */
export class PlainJsonPlugin implements ApolloServerPlugin {
  async requestDidStart(): Promise<GraphQLRequestListener<never>> {
    return {
      willSendResponse: async ({ request, response, source }) => {
        const accept = request.http?.headers.get('accept') ?? '';
        const isWellFormed = source !== undefined && response.http.status === 400;
        if (isWellFormed && !accept.includes('application/graphql-response+json')) response.http.status = 200;
      },
    };
  }
}
