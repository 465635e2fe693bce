import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HealthOptions, HealthRoutes } from './health-routes.js';

export interface ListenOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The loopback interface unless said otherwise: what it tells is not for everybody. */
  readonly host?: string;
}

/** `HealthRoutes` on a port of their own. */
export class HealthServer {
  readonly #server: Server;

  constructor(options: HealthOptions) {
    const routes = new HealthRoutes(options);
    this.#server = createServer((request, response) => void routes.handle(request, response));
  }

  /** @returns the port */
  listen({ port, host = '127.0.0.1' }: ListenOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
