import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../log/logger.js';
import type { Vitals } from './vitals.js';

/** What /status tells; bigints become decimal strings. */
export type StatusReport = Readonly<Record<string, unknown>>;

/**
 * The node's window to whoever runs it, on the loopback interface alone.
 *
 * `/live`: the process answers. `/ready`: it serves, or 503 with the reasons. `/status`: what it is doing, for people. `/metrics`: for Prometheus.
 */
export class HealthServer {
  readonly #server: Server;

  constructor(
    private readonly vitals: Vitals,
    private readonly status: () => Promise<StatusReport>,
    private readonly metrics: () => string,
    private readonly log: Logger,
  ) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** @returns the port, which is a free one for 0 */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { code, body } = await this.#route(request);
      send(response, code, body);
    } catch (error) {
      this.log.warn({ err: error }, 'a health request failed');
      send(response, 503, { error: 'not available now' });
    }
  }

  async #route({ method, url = '/' }: IncomingMessage): Promise<{ code: number; body: unknown }> {
    if (method !== 'GET' && method !== 'HEAD') return { code: 405, body: { error: 'GET only' } };
    switch (url.split('?')[0]) {
      case '/live':
        return { code: 200, body: { live: true } };
      case '/ready': {
        const problems = this.vitals.problems();
        return problems.length === 0
          ? { code: 200, body: { ready: true } }
          : { code: 503, body: { ready: false, problems } };
      }
      case '/status':
        return { code: 200, body: await this.status() };
      case '/metrics':
        return { code: 200, body: this.metrics() };
      default:
        return { code: 404, body: { error: 'there are /live, /ready, /status and /metrics' } };
    }
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  const isText = typeof body === 'string';
  const text = isText ? body : `${JSON.stringify(body, decimals)}\n`;
  const type = isText ? 'text/plain; version=0.0.4' : 'application/json';
  response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(text);
}

function decimals(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
