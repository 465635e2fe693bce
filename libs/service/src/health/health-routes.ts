import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Logger } from '../log/logger.js';
import type { Vitals } from './vitals.js';

/** What /status tells; bigints become decimal strings. */
export type StatusReport = Readonly<Record<string, unknown>>;

export interface HealthOptions {
  readonly vitals: Vitals;
  readonly status: () => Promise<StatusReport>;
  readonly metrics: Registry;
  readonly log: Logger;
}

interface Answer {
  readonly code: number;
  readonly body: unknown;
  /** JSON unless said otherwise. */
  readonly type?: string;
}

/**
 * What a service tells whoever runs it.
 *
 * `/live`: the process answers. `/ready`: it serves, or 503 with the reasons. `/status`: what it is doing, for people.
 * `/metrics`: for Prometheus.
 */
export class HealthRoutes {
  constructor(private readonly options: HealthOptions) {}

  /** Answers one request. Never throws; what went wrong inside goes to the log and not to the caller. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(response, await this.#route(request));
    } catch (error) {
      this.options.log.warn({ err: error }, 'a health request failed');
      send(response, { code: 503, body: { error: 'not available now' } });
    }
  }

  async #route({ method, url = '/' }: IncomingMessage): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return { code: 405, body: { error: 'GET only' } };
    const { vitals, status, metrics } = this.options;
    switch (url.split('?')[0]) {
      case '/live':
        return { code: 200, body: { live: true } };
      case '/ready': {
        const problems = vitals.problems();
        return problems.length === 0
          ? { code: 200, body: { ready: true } }
          : { code: 503, body: { ready: false, problems } };
      }
      case '/status':
        return { code: 200, body: await status() };
      case '/metrics':
        return { code: 200, body: await metrics.metrics(), type: metrics.contentType };
      default:
        return { code: 404, body: { error: 'there are /live, /ready, /status and /metrics' } };
    }
  }
}

function send(response: ServerResponse, { code, body, type }: Answer): void {
  const text = type === undefined ? `${JSON.stringify(body, decimals)}\n` : String(body);
  response.writeHead(code, { 'content-type': type ?? 'application/json', 'cache-control': 'no-store' });
  response.end(text);
}

function decimals(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
