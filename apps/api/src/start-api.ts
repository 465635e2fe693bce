import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { NestLog } from '@openimo/service';
import { ApiModule } from './api.module.js';
import { anonymous } from './graphql/authenticator.js';
import { GRAPHQL_PATH } from './graphql/apollo-options.js';
import type { PlatformOptions } from './platform/platform.module.js';

export interface RunningApi {
  readonly port: number;
  /** Of GraphQL over HTTP. */
  readonly url: string;
}

/** Serves until the shutdown ends it. */
export async function startApi(
  options: Omit<PlatformOptions, 'authenticator'> & Partial<Pick<PlatformOptions, 'authenticator'>>,
): Promise<RunningApi> {
  const { config, log, shutdown, authenticator = anonymous } = options;
  const app = await NestFactory.create<NestExpressApplication>(
    ApiModule.of({ config, log, shutdown, authenticator }),
    new ExpressAdapter(),
    { logger: new NestLog(log), abortOnError: false, bodyParser: false },
  );
  shutdown.add('HTTP server', () => app.close());
  app.disable('x-powered-by');
  app.useBodyParser('json', { limit: config.limits.bodyBytes });
  await app.listen(config.httpPort, config.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `http://${host}:${port}${GRAPHQL_PATH}`;
  log.info({ url }, 'listening');
  return { port, url };
}
