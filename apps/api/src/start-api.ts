import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { type HealthOptions, HealthRoutes, HealthServer, NestLog } from '@openimo/service';
import { ApiModule } from './api.module.js';
import { serveExplorer } from './explorer/explorer.js';
import { GRAPHQL_PATH } from './graphql/apollo-options.js';
import { checkPages, tellBodyErrors } from './graphql/pages.js';
import { SocketServer } from './graphql/socket-server.js';
import { HEALTH } from './health/health.module.js';
import { Monitor } from './health/monitor.js';
import type { PlatformOptions } from './platform/platform.module.js';
import { AUTHENTICATOR, COST_CHARGER } from './platform/tokens.js';

const PUBLIC_HEALTH: ReadonlySet<string> = new Set(['/live', '/ready']);

export interface RunningApi {
  readonly port: number;
  /** Of GraphQL over HTTP. */
  readonly url: string;
  /** Of /live, /ready, /status and /metrics. */
  readonly healthPort: number;
}

/** Serves until the shutdown ends it. */
export async function startApi(options: PlatformOptions): Promise<RunningApi> {
  const { config, log, shutdown } = options;
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.of(options), new ExpressAdapter(), {
    logger: new NestLog(log),
    abortOnError: false,
    bodyParser: false,
  });
  shutdown.add('HTTP server', () => app.close());
  app.disable('x-powered-by');
  // Nobody may cache an answer, so nobody asks whether it is still the same.
  app.disable('etag');
  app.use(GRAPHQL_PATH, checkPages(config));
  app.useBodyParser('json', { limit: config.limits.bodyBytes });
  app.use(tellBodyErrors);
  if (config.explorer) app.use(serveExplorer());
  const routes = app.get(HealthRoutes, { strict: false });
  // For load balancers; what tells more is on a port of its own.
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (PUBLIC_HEALTH.has(request.url!)) void routes.handle(request, response);
    else next();
  });
  await app.listen(config.httpPort, config.host);
  serveSockets(app, options);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `http://${host}:${port}${GRAPHQL_PATH}`;
  const health = new HealthServer(app.get<HealthOptions>(HEALTH, { strict: false }));
  const healthPort = await health.listen({ port: config.healthPort, host: config.healthHost });
  shutdown.add('health server', () => health.close());
  const monitor = app.get(Monitor, { strict: false });
  await monitor.look(shutdown.signal);
  void monitor.run(shutdown.signal);
  log.info({ url, healthPort }, 'listening');
  return { port, url, healthPort };
}

function serveSockets(app: NestExpressApplication, { config, log, shutdown }: PlatformOptions): void {
  const sockets = new SocketServer({
    config,
    log,
    path: GRAPHQL_PATH,
    schema: app.get(GraphQLSchemaHost, { strict: false }).schema,
    authenticator: app.get(AUTHENTICATOR, { strict: false }),
    charger: app.get(COST_CHARGER, { strict: false }),
  });
  sockets.attach(app.getHttpServer());
  shutdown.add('WebSockets', () => sockets.close());
}
