import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Fault, LyingNode } from './lying-node.js';
import { seeded } from './random.js';

/** Answers every call with its method, and logs with two of them. */
async function startHonestNode(): Promise<Server> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { id, method } = JSON.parse(body) as { id: number; method: string };
    response.end(JSON.stringify({ id, result: method === 'eth_getLogs' ? ['a', 'b'] : method }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('LyingNode', () => {
  let honest: Server;
  let node: LyingNode;
  beforeAll(async () => {
    honest = await startHonestNode();
    node = await LyingNode.start(`http://127.0.0.1:${(honest.address() as AddressInfo).port}`, seeded(1));
  });
  afterAll(async () => {
    await node.close();
    honest.close();
  });

  const ask = async (method: string, fault?: Fault): Promise<unknown> => {
    node.faults = new Set(fault === undefined ? [] : [fault]);
    node.chance = 1;
    const body = JSON.stringify({ id: 1, method, params: [{}] });
    const response = await fetch(node.rpcUrl, { method: 'POST', body, signal: AbortSignal.timeout(300) });
    if (!response.ok) return response.status;
    return ((await response.json()) as { result: unknown }).result;
  };

  it('passes on what the node says, and counts no lie', async () => {
    expect(await ask('eth_blockNumber')).toBe('eth_blockNumber');
    expect(node.lies).toBe(0);
  });

  it('keeps logs back', async () => {
    expect(await ask('eth_getLogs')).toEqual(['a', 'b']);
    expect(await ask('eth_getLogs', 'noLogs')).toEqual([]);
    expect(node.lies).toBe(1);
  });

  it.each(['down', 'silent', 'garbage'] as const)('gives no answer when it is %s', async (fault) => {
    await expect(ask('eth_blockNumber', fault)).rejects.toThrow();
  });

  it('fails as servers do', async () => {
    expect(await ask('eth_blockNumber', 'http500')).toBe(500);
  });
});

describe('seeded', () => {
  it('gives the same numbers again, in [0, 1)', () => {
    const take = (random: () => number) => Array.from({ length: 100 }, random);
    expect(take(seeded(7))).toEqual(take(seeded(7)));
    expect(take(seeded(7))).not.toEqual(take(seeded(8)));
    expect(take(seeded(7)).every((number) => number >= 0 && number < 1)).toBe(true);
  });
});
