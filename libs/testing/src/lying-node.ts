import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly [string | { blockHash?: string }, ...unknown[]];
}

interface Answer {
  id: number;
  result?: unknown;
  error?: unknown;
}

/** What can be wrong with an answer. */
export type Fault =
  'down' | 'silent' | 'http500' | 'error' | 'garbage' | 'noBlocks' | 'staleHead' | 'noLogs' | 'someLogs' | 'otherOrder';

export const FAULTS: readonly Fault[] = [
  ...(['down', 'silent', 'http500', 'error', 'garbage'] as const),
  ...(['noBlocks', 'staleHead', 'noLogs', 'someLogs', 'otherOrder'] as const),
];

interface Log {
  readonly blockHash: string;
  readonly address: string;
  readonly topics: readonly string[];
}

/** A JSON-RPC server in front of a real one that answers some requests wrong. */
export class LyingNode {
  readonly rpcUrl: string;
  /** Of which kind, and how often, in [0, 1]. */
  faults: ReadonlySet<Fault> = new Set();
  chance = 0;
  lies = 0;

  private constructor(
    private readonly target: string,
    private readonly random: () => number,
    private readonly server: ReturnType<typeof createServer>,
  ) {
    this.rpcUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(target: string, random: () => number): Promise<LyingNode> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LyingNode(target, random, server);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const fault = this.#pick();
    if (fault !== undefined) this.lies++;
    switch (fault) {
      case 'down':
        return void request.socket.destroy();
      case 'silent':
        // The client gives up; the answer would come too late.
        return;
      case 'http500':
        return void response.writeHead(500).end('internal error');
      case 'garbage':
        return void response.writeHead(200).end('<html>');
    }
    const upstream = await fetch(this.target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const calls = [JSON.parse(body) as Call | Call[]].flat();
    const answers = [(await upstream.json()) as Answer | Answer[]].flat();
    if (fault !== undefined) {
      for (const answer of answers)
        this.#twist(
          fault,
          calls.find(({ id }) => id === answer.id)!,
          answer,
        );
      if (fault === 'otherOrder') answers.reverse();
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body.startsWith('[') ? answers : answers[0]));
  }

  #pick(): Fault | undefined {
    if (this.faults.size === 0 || this.random() >= this.chance) return undefined;
    return [...this.faults][Math.floor(this.random() * this.faults.size)];
  }

  #twist(fault: Fault, call: Call, answer: Answer): void {
    const isLogs = call.method === 'eth_getLogs' && Array.isArray(answer.result);
    const isBlock = call.method === 'eth_getBlockByNumber';
    if (fault === 'error' && this.random() < 0.3) {
      delete answer.result;
      answer.error = { code: -32_005, message: 'query returned more than 10000 results' };
    }
    if (fault === 'noBlocks' && isBlock && this.random() < 0.2) answer.result = null;
    if (fault === 'noLogs' && isLogs) answer.result = [];
    if (fault === 'someLogs' && isLogs) answer.result = this.#someOf(answer.result as Log[]);
    if (fault === 'staleHead' && isBlock && call.params[0] === 'latest') {
      answer.result = this.#older ?? answer.result;
    }
    if (isBlock && call.params[0] === 'latest' && this.random() < 0.3) this.#older = answer.result;
  }

  /** But for copies of others in their block: a header does not tell how many there are (docs/decisions/0018-logs-are-audited.md). */
  #someOf(logs: readonly Log[]): Log[] {
    const nameOf = ({ blockHash, address, topics }: Log) => [blockHash, address, ...topics].join();
    const counts = new Map<string, number>();
    for (const log of logs) counts.set(nameOf(log), (counts.get(nameOf(log)) ?? 0) + 1);
    return logs.filter((log) => this.random() < 0.8 || counts.get(nameOf(log))! > 1);
  }

  /** A head of some time ago. */
  #older: unknown;
}
