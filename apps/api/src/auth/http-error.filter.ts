import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { isDomainError } from '@openimo/domain';
import type { Logger } from '@openimo/service';
import type { ServerResponse } from 'node:http';
import { type ExtensionCode, extensionCodeOf } from '../graphql/errors.js';
import { LOG } from '../platform/tokens.js';
import { UPLOAD_STATUS } from '../upload/upload.errors.js';

const STATUS: Readonly<Record<ExtensionCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 429,
  UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
};

const HANG_UP_MS = 1_000;

/** Where a protocol wants its own. */
const STATUS_OF: Readonly<Record<string, number>> = UPLOAD_STATUS;

/** Errors of plain HTTP routes, as `{ error: { code, reason, message } }` with the codes of GraphQL. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    // The client has hung up: there is nobody to tell, and nothing went wrong here.
    if (response.req.destroyed && !response.req.complete) return;
    if (response.headersSent) return void response.destroy();
    if (error instanceof HttpException) {
      return send(response, error.getStatus(), { code: 'BAD_USER_INPUT', message: error.message });
    }
    const code = (isDomainError(error) && extensionCodeOf(error)) || 'INTERNAL_SERVER_ERROR';
    if (code === 'INTERNAL_SERVER_ERROR') this.log.error({ err: error }, 'a request failed');
    const known = isDomainError(error) && code !== 'INTERNAL_SERVER_ERROR';
    const message = known ? error.message : 'Something went wrong here. It was logged.';
    const status = (known && STATUS_OF[error.code]) || STATUS[code];
    send(response, status, {
      code,
      ...(known && { reason: error.code, retryable: error.retryable }),
      message,
    });
  }
}

function send(response: ServerResponse, status: number, error: Readonly<Record<string, unknown>>): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  const { req } = response;
  if (req.complete) response.writeHead(status, headers);
  else {
    // Whoever is still sending reads the answer only if nobody hangs up at once: a moment's bytes are thrown away.
    response.writeHead(status, { ...headers, connection: 'close' });
    req.resume();
    setTimeout(() => req.destroy(), HANG_UP_MS).unref();
  }
  response.end(JSON.stringify({ error }));
}
