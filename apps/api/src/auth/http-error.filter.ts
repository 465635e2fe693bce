import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { isDomainError } from '@openimo/domain';
import type { Logger } from '@openimo/service';
import type { ServerResponse } from 'node:http';
import { type ExtensionCode, extensionCodeOf } from '../graphql/errors.js';
import { LOG } from '../platform/tokens.js';

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

/** Errors of plain HTTP routes, as `{ error: { code, reason, message } }` with the codes of GraphQL. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    if (response.headersSent) return void response.destroy();
    if (error instanceof HttpException) {
      return send(response, error.getStatus(), { code: 'BAD_USER_INPUT', message: error.message });
    }
    const code = (isDomainError(error) && extensionCodeOf(error)) || 'INTERNAL_SERVER_ERROR';
    if (code === 'INTERNAL_SERVER_ERROR') this.log.error({ err: error }, 'a request failed');
    const known = isDomainError(error) && code !== 'INTERNAL_SERVER_ERROR';
    const message = known ? error.message : 'Something went wrong here. It was logged.';
    send(response, STATUS[code], {
      code,
      ...(known && { reason: error.code, retryable: error.retryable }),
      message,
    });
  }
}

function send(response: ServerResponse, status: number, error: Readonly<Record<string, unknown>>): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ error }));
}
