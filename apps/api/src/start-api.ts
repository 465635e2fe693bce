import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { type HealthOptions, HealthRoutes, HealthServer, NestLog } from '@openimo/service';
import { ApiModule } from './api.module.js';
import { GRAPHQL_PATH } from './graphql/apollo-options.js';
import { HEALTH } from './health/health.module.js';
import { Monitor } from './health/monitor.js';
import type { PlatformOptions } from './platform/platform.module.js';

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
  app.useBodyParser('json', { limit: config.limits.bodyBytes });
  const routes = app.get(HealthRoutes, { strict: false });
  // For load balancers; what tells more is on a port of its own.
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (PUBLIC_HEALTH.has(request.url!)) void routes.handle(request, response);
    else next();
  });
  await app.listen(config.httpPort, config.host);
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
