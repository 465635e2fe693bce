import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The loopback interface has many addresses: this one plays the public internet. */
export const PUBLIC = '127.0.0.2';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server of somebody else, which remembers what it was sent. */
export class Receiver {
  readonly received: Received[] = [];
  /** What it answers; 200 without a body by default. */
  answer: RequestListener = (_, response) => response.end();
  #waiting: (() => void)[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', async (request, response) => {
      const body = await text(request);
      this.received.push({ path: request.url!, headers: request.headers, body });
      this.answer(request, response);
      for (const look of this.#waiting) look();
    });
  }

  static async start(host = PUBLIC, port = 0): Promise<Receiver> {
    const server = createServer();
    server.listen(port, host);
    await once(server, 'listening');
    return new Receiver(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The first request that `isWanted`, now or once it comes. */
  next(isWanted: (received: Received) => boolean): Promise<Received> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.received.find(isWanted);
        if (found !== undefined) resolve(found);
      };
      this.#waiting.push(look);
      look();
    });
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
