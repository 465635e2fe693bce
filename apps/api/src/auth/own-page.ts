import type { IncomingMessage } from 'node:http';
import type { ApiConfig } from '../config/config.js';
import { authError } from './auth.errors.js';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Origins whose pages are ours: the configured ones, the public URL and, on the loopback interface, the port the request came
 * in on. Never what the `Host` header says: whoever sends a request writes that.
 */
export function ownOrigins(
  config: Pick<ApiConfig, 'host' | 'origins' | 'publicUrl'>,
  { socket }: IncomingMessage,
): string[] {
  const isLocal = LOOPBACK.includes(config.host) || config.host === '::1';
  return [
    ...(config.publicUrl === undefined ? [] : [new URL(config.publicUrl).origin]),
    ...config.origins,
    ...(isLocal ? LOOPBACK.map((host) => `http://${host}:${socket.localPort}`) : []),
  ];
}

/** Programs send no Origin; every browser does with what another site could make it send. @throws DomainError `OriginNotAllowed` */
export function refuseForeignOrigin(config: Parameters<typeof ownOrigins>[0], request: IncomingMessage): void {
  const { origin } = request.headers;
  if (origin === undefined || ownOrigins(config, request).includes(origin)) return;
  throw authError('OriginNotAllowed', 'Pages of this origin may not call us. OPENIMO_ORIGINS lists those that may.');
}
