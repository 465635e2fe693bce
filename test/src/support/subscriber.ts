import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const EVENTS = 'subscription Follow($after: BigInt) { events(after: $after) { position eventId kind } }';
const RECONNECT_MS = 50;

export interface Announcement {
  readonly position: string;
  readonly eventId: string;
  readonly kind: string;
}

interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: { readonly events: Announcement } };
}

/**
 * Follows what the API announces, over `graphql-transport-ws`, as a client should: it remembers the last position that it has
 * handled, and after whatever ended the connection it asks for what comes behind it.
 */
export class Subscriber {
  readonly heard: Announcement[] = [];
  connections = 0;
  #ended = false;
  #socket: WebSocket | undefined;
  #running: Promise<void>;

  constructor(
    /** Of GraphQL over HTTP. */
    private readonly url: string,
    private readonly from = '0',
  ) {
    this.#running = this.#run();
  }

  get last(): string {
    return this.heard.at(-1)?.position ?? this.from;
  }

  /** Breaks the connection off; it comes back by itself. */
  interrupt(): void {
    this.#socket?.close();
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#socket?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      await this.#follow();
      if (!this.#ended) await sleep(RECONNECT_MS);
    }
  }

  async #follow(): Promise<void> {
    const socket = new WebSocket(this.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    this.#socket = socket;
    const closed = once(socket, 'close');
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.addEventListener('message', ({ data }) => this.#hear(socket, JSON.parse(String(data)) as Message));
    await closed;
  }

  #hear(socket: WebSocket, { type, payload }: Message): void {
    if (type === 'connection_ack') {
      this.connections++;
      const variables = { after: this.last };
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: EVENTS, variables } }));
    } else if (type === 'ping') {
      socket.send(JSON.stringify({ type: 'pong' }));
    } else if (type === 'next' && payload?.data) {
      this.heard.push(payload.data.events);
    } else if (type === 'error' || type === 'complete' || type === 'next') {
      // What cannot be answered now ends the subscription; from the last position it may go on.
      socket.close();
    }
  }
}
