import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { isDomainError } from '@openimo/domain';
import type { Logger } from '@openimo/service';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { refuseForeignOrigin } from '../auth/own-page.js';
import type { ApiConfig } from '../config/config.js';
import type { Authenticator } from './authenticator.js';
import { describeToClient } from './errors.js';
import type { CostCharger } from './limits/cost-charger.js';
import { checkLimits } from './limits/limits.js';
import { Loaders } from './loaders.js';
import type { RequestContext, Viewer } from './request-context.js';

const INIT_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 1_000;

export interface SocketServerOptions {
  readonly config: ApiConfig;
  readonly schema: GraphQLSchema;
  readonly authenticator: Authenticator;
  readonly charger: CostCharger;
  readonly log: Logger;
  readonly path: string;
}

type SocketExtra = Extra & Record<PropertyKey, unknown> & { viewer?: Viewer | null; operations?: number };

/**
 * GraphQL over WebSocket (`graphql-transport-ws`), for subscriptions: with the same schema, limits, errors and authentication as over
 * HTTP. Browsers let any page open a WebSocket, with our cookies; so pages of other origins are refused at the handshake.
 */
export class SocketServer {
  readonly #sockets: WebSocketServer;
  readonly #disposable: { dispose(): void | Promise<void> };
  readonly #open = new Map<string, number>();

  constructor(private readonly options: SocketServerOptions) {
    const { config } = options;
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: config.limits.bodyBytes });
    this.#disposable = useServer<Record<string, unknown>, SocketExtra>(
      {
        schema: options.schema,
        connectionInitWaitTimeout: INIT_WITHIN_MS,
        onConnect: async ({ extra, connectionParams }) => {
          extra.viewer = await options.authenticator.authenticate({ headers: extra.request.headers, connectionParams });
        },
        onSubscribe: ({ extra }, _id, payload) => this.#prepare(extra, payload),
        onError: (_context, _id, _payload, errors) => errors.map((error) => this.#describe(error)),
        onNext: (_context, _id, _payload, _args, result) => this.#describeAll(result),
        onComplete: ({ extra }) => void (extra.operations = Math.max(0, (extra.operations ?? 0) - 1)),
      },
      this.#sockets,
    );
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      const refusal = this.#refusalOf(request);
      if (refusal !== undefined) return refuse(socket, ...refusal);
      const client = clientOf(request);
      this.#open.set(client, (this.#open.get(client) ?? 0) + 1);
      socket.once('close', () => this.#leave(client));
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#sockets.emit('connection', ws, request));
    });
  }

  async close(): Promise<void> {
    const patience = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
    }, CLOSE_WITHIN_MS);
    await this.#disposable.dispose();
    clearTimeout(patience);
  }

  #refusalOf(request: IncomingMessage): [status: string, message: string] | undefined {
    const { config, path } = this.options;
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== path)
      return ['404 Not Found', `There is ${path}.`];
    try {
      refuseForeignOrigin(config, request);
    } catch (error) {
      return ['403 Forbidden', (error as Error).message];
    }
    if ((this.#open.get(clientOf(request)) ?? 0) < config.limits.sockets) return undefined;
    return ['429 Too Many Requests', `You have ${config.limits.sockets} sockets open; close one.`];
  }

  #leave(client: string): void {
    const left = this.#open.get(client)! - 1;
    if (left > 0) this.#open.set(client, left);
    else this.#open.delete(client);
  }

  /** Parses, validates and weighs an operation before it runs. */
  async #prepare(extra: SocketExtra, payload: SubscribePayload): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { config, schema, charger } = this.options;
    const { limits } = config;
    try {
      const document = parse(payload.query, { maxTokens: limits.tokens });
      const rules = config.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
      const errors = validate(schema, document, rules);
      if (errors.length > 0) return errors;
      const contextValue = this.#context(extra);
      await charger.charge(
        contextValue,
        checkLimits(limits, schema, document, operationOf(document, payload), payload.variables ?? {}),
      );
      extra.operations = (extra.operations ?? 0) + 1;
      if (extra.operations > limits.sockets) {
        extra.operations--;
        throw new GraphQLError(`This socket follows ${limits.sockets} subscriptions; end one.`, {
          extensions: { code: 'LIMIT_EXCEEDED' },
        });
      }
      return {
        schema,
        document,
        contextValue,
        operationName: payload.operationName,
        variableValues: payload.variables,
      };
    } catch (error) {
      return [asGraphqlError(error)];
    }
  }

  #context({ viewer = null, request }: SocketExtra): RequestContext {
    return { viewer, client: viewer?.address ?? clientOf(request), loaders: new Loaders({ cache: false }) };
  }

  #describe(error: GraphQLError): GraphQLError {
    const { message, ...rest } = describeToClient(error, this.options.log);
    return new GraphQLError(message, { extensions: rest.extensions, path: rest.path, nodes: error.nodes });
  }

  #describeAll(result: ExecutionResult): ExecutionResult | undefined {
    return result.errors === undefined ? undefined : { ...result, errors: result.errors.map((e) => this.#describe(e)) };
  }
}

function operationOf(document: DocumentNode, { operationName }: SubscribePayload) {
  const operation = getOperationAST(document, operationName);
  if (operation) return operation;
  throw new GraphQLError('Say in `operationName` which operation of the document is meant.', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error as Error;
  return new GraphQLError(isDomainError(error) ? error.message : 'failed', { originalError });
}

function clientOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'unknown';
}

function refuse(socket: Duplex, status: string, message: string): void {
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
