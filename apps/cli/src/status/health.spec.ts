import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { healthOf } from './health.js';

let server: Server;
let said: string;
beforeAll(async () => {
  server = createServer((_, response) => response.end(said)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

const port = () => (server.address() as AddressInfo).port;

describe('healthOf', () => {
  it('says that a service is ready', async () => {
    said = JSON.stringify({ ready: true, problems: [] });
    expect(await healthOf(port())).toBe('ready');
  });

  it('says why one is not', async () => {
    said = JSON.stringify({ ready: false, problems: ['chain: away', 'runtime: disagrees'] });
    expect(await healthOf(port())).toBe('not ready (chain: away; runtime: disagrees)');
  });

  it('says that one does not answer, or not in our words', async () => {
    said = 'hello';
    expect(await healthOf(port())).toBe('does not answer');
    server.close();
    await once(server, 'close');
    expect(await healthOf(1)).toBe('does not answer');
  });
});
