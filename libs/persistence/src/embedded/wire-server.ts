import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { authenticated, fatal, query, readUnits, SYNC, transactionStatus } from './wire-protocol.js';

/** Runs whole protocol messages on the one session there is and returns what it answers. */
export interface WireSession {
  execute(messages: Uint8Array): Promise<Uint8Array>;
}

export interface WireServerOptions {
  readonly session: WireSession;
  readonly port: number;
  readonly serverVersion: string;
  /** How long a client may hold an open transaction in silence while others wait, in milliseconds. */
  readonly transactionIdleMs?: number;
  /** The session itself broke; nothing can be answered any more. */
  readonly onBroken: (error: unknown) => void;
}

export interface WireServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Client {
  readonly socket: Socket;
  readonly units: Uint8Array[];
  buffer: Uint8Array;
  started: boolean;
}

const HOST = '127.0.0.1';
const DEFAULT_TRANSACTION_IDLE_MS = 30_000;

/**
 * Serves one PostgreSQL session to many clients, one at a time: a client keeps the session from its first message until the
 * session is out of any transaction again. Messages reach the session only as whole units, up to and including their Sync, so a
 * client killed in the middle leaves nothing behind; an open transaction of a client that is gone is rolled back.
 */
export async function startWireServer(options: WireServerOptions): Promise<WireServer> {
  const broker = new SessionBroker(options);
  const server = createServer((socket) => broker.accept(socket));
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await broker.close();
      await closed;
    },
  };
}

class SessionBroker {
  readonly #clients = new Set<Client>();
  /** Clients with something to run, first come first served. */
  readonly #waiting: Client[] = [];
  #holder: Client | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly options: WireServerOptions) {}

  accept(socket: Socket): void {
    if (this.#closed) return void socket.destroy();
    const client: Client = { socket, units: [], buffer: new Uint8Array(), started: false };
    this.#clients.add(client);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#receive(client, bytes));
    // A client that vanishes is nothing to report; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#leave(client));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    for (const { socket } of this.#clients) socket.destroy();
    this.#waiting.length = 0;
    await this.#running;
  }

  #receive(client: Client, bytes: Uint8Array): void {
    client.buffer = client.buffer.length === 0 ? bytes : Buffer.concat([client.buffer, bytes]);
    const read = readUnits(client.buffer, client.started);
    client.buffer = read.rest;
    for (const unit of read.units) {
      switch (unit.kind) {
        case 'refuse-encryption':
          client.socket.write('N');
          break;
        case 'startup':
          client.started = true;
          client.socket.write(authenticated(this.options.serverVersion));
          break;
        case 'run':
          client.units.push(unit.messages);
          break;
        case 'leave':
          return void client.socket.end();
        case 'malformed':
          return void client.socket.destroy();
      }
    }
    if (client.units.length === 0) return;
    if (!this.#waiting.includes(client)) this.#waiting.push(client);
    this.#run();
  }

  #leave(client: Client): void {
    this.#clients.delete(client);
    client.units.length = 0;
    remove(this.#waiting, client);
    if (this.#holder === client) this.#run();
  }

  #run(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
  }

  async #drain(): Promise<void> {
    for (;;) {
      if (this.#holder !== undefined && !this.#clients.has(this.#holder)) await this.#rollBack();
      const client = this.#next();
      if (client === undefined) return this.#watchHolder();
      await this.#serve(client);
    }
  }

  #next(): Client | undefined {
    const client = this.#holder ?? this.#waiting[0];
    return client !== undefined && client.units.length > 0 ? client : undefined;
  }

  async #serve(client: Client): Promise<void> {
    clearTimeout(this.#idleTimer);
    const messages = client.units.shift()!;
    remove(this.#waiting, client);
    if (client.units.length > 0) this.#waiting.push(client);

    const answer = await this.#execute(messages);
    if (answer === undefined) return void client.socket.destroy();
    if (client.socket.writable) client.socket.write(answer);
    this.#holder = transactionStatus(answer) === 'idle' ? undefined : client;
  }

  /** Also when a Flush without its Sync is all we got: then the session must first be told that nothing more comes. */
  async #rollBack(): Promise<void> {
    this.#holder = undefined;
    await this.#execute(Buffer.concat([SYNC, query('ROLLBACK')]));
  }

  async #execute(messages: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await this.options.session.execute(messages);
    } catch (error) {
      this.options.onBroken(error);
      return undefined;
    }
  }

  #watchHolder(): void {
    const holder = this.#holder;
    clearTimeout(this.#idleTimer);
    if (holder === undefined || this.#waiting.length === 0 || this.#closed) return;
    this.#idleTimer = setTimeout(() => {
      const message = 'terminating connection due to idle-in-transaction timeout: others wait for the one session';
      holder.socket.end(fatal('25P03', message));
      holder.socket.destroySoon();
    }, this.options.transactionIdleMs ?? DEFAULT_TRANSACTION_IDLE_MS);
    this.#idleTimer.unref();
  }
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
