import type { IncomingMessage, ServerResponse } from 'node:http';
import { ownOrigins } from '../auth/own-page.js';
import type { ApiConfig } from '../config/config.js';

const DAY_SECONDS = '86400';

type Next = (error?: unknown) => void;

/** Refuses pages of other origins, and answers the questions that browsers ask for those that are allowed. */
export function checkPages(config: ApiConfig) {
  return (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    const { origin } = request.headers;
    response.setHeader('vary', 'Origin');
    response.setHeader('cache-control', 'no-store');
    if (origin === undefined) return next();
    if (!ownOrigins(config, request).includes(origin)) {
      const message = 'Pages of this origin may not call us. OPENIMO_ORIGINS lists those that may.';
      return sendError(response, 403, 'FORBIDDEN', message);
    }
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-credentials', 'true');
    if (request.method !== 'OPTIONS') return next();
    response.writeHead(204, {
      'access-control-allow-methods': 'GET,POST,OPTIONS',
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? 'content-type',
      'access-control-max-age': DAY_SECONDS,
    });
    response.end();
  };
}

/** What is wrong with a body is told as GraphQL tells it, not as a page of HTML. */
export function tellBodyErrors(error: unknown, _request: IncomingMessage, response: ServerResponse, next: Next): void {
  const { type, status } = error as { type?: string; status?: number };
  if (typeof type !== 'string' || typeof status !== 'number' || status >= 500) return next(error);
  const message =
    type === 'entity.too.large'
      ? 'The request is too large. Ask for less at a time.'
      : 'The body is not the JSON it says it is.';
  sendError(response, status, type === 'entity.too.large' ? 'LIMIT_EXCEEDED' : 'BAD_REQUEST', message);
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
