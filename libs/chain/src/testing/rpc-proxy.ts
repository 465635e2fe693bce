import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A JSON-RPC server in front of another, for tests of what goes wrong between us and a node. */
export interface RpcProxy {
  readonly rpcUrl: string;
  /** An error message to answer a call with instead of passing it on, or undefined. */
  refuse: (call: RpcCall) => string | undefined;
  /** While true nobody is there: connections are cut. */
  isDown: boolean;
  readonly calls: RpcCall[];
  close(): Promise<void>;
}

export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const server: Server = createServer(async (request, response) => {
    if (proxy.isDown) return void request.socket.destroy();
    const body = await read(request);
    const call = JSON.parse(body) as RpcCall & { id: number };
    proxy.calls.push(call);
    const message = proxy.refuse(call);
    response.setHeader('content-type', 'application/json');
    if (message !== undefined) {
      return void response.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, error: { code: -32000, message } }));
    }
    const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    response.end(await answer.text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: RpcProxy = {
    rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse: () => undefined,
    isDown: false,
    calls: [],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
