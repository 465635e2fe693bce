import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { checkUrl, createSafeFetch, type SafeFetchOptions } from './safe-fetch.js';
import { dnsResolver } from './resolve-host.js';
import { DnsServer } from './testing/dns-server.js';

/** The loopback interface has many addresses: this one plays the public internet, 127.0.0.1 what is ours alone. */
const PUBLIC = '127.0.0.2';
const OPEN: SafeFetchOptions = { allowHttp: true, allowed: [`${PUBLIC}/32`] };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(listener: RequestListener, host = PUBLIC, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer(listener);
  server.listen(port, host);
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function dns(answers: Record<string, string[][]>): Promise<DnsServer> {
  const server = await DnsServer.start(answers);
  closers.push(() => server.stop());
  return server;
}

describe('checkUrl', () => {
  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://017700000001/',
    'https://0x7f.1/',
    'https://127.1/',
    'https://０x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::127.0.0.1]/',
    'https://[fe80::1]/',
    'https://169.254.169.254/latest/meta-data',
  ])('refuses %s without asking anybody', (url) => {
    expect(() => checkUrl(url)).toThrow(expect.objectContaining({ code: 'OutboundAddressRefused' }));
  });

  it.each(['http://example.org', 'ftp://example.org', 'file:///etc/passwd', 'gopher://example.org', 'data:,x'])(
    'refuses the scheme of %s',
    (url) => {
      expect(() => checkUrl(url)).toThrow(expect.objectContaining({ code: 'OutboundUrlRefused' }));
    },
  );

  it('refuses credentials, novels and what is no URL', () => {
    for (const url of [
      'https://user:pass@example.org',
      `https://example.org/${'a'.repeat(3_000)}`,
      'example.org',
      '',
    ]) {
      expect(() => checkUrl(url)).toThrow(expect.objectContaining({ code: 'OutboundUrlRefused' }));
    }
  });
});

describe('createSafeFetch', () => {
  it('sends what it is given and returns what it gets, whatever the status', async () => {
    const { port } = await listen(async (request, response) => {
      const body = await text(request);
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end(`${request.method} ${request.headers['x-signature']} ${body}`);
    });

    const response = await createSafeFetch(OPEN)(`http://${PUBLIC}:${port}/hook`, {
      method: 'POST',
      headers: { 'x-signature': 'abc' },
      body: '{"a":1}',
    });

    expect(response).toMatchObject({ status: 404, contentType: 'text/plain' });
    expect(Buffer.from(response.body).toString()).toBe('POST abc {"a":1}');
  });

  it('connects to the very address it has checked, however the DNS changes its mind', async () => {
    const reached: string[] = [];
    const { port } = await listen((_, response) => response.end(reached.push('public') && 'public'));
    await listen((_, response) => response.end(reached.push('private') && 'private'), '127.0.0.1', port);
    const names = await dns({ 'rebind.test': [[PUBLIC], ['127.0.0.1']] });
    const fetchSafely = createSafeFetch({ ...OPEN, resolve: dnsResolver(names.server) });

    const response = await fetchSafely(`http://rebind.test:${port}/`);

    expect(Buffer.from(response.body).toString()).toBe('public');
    expect(names.asked).toEqual(['rebind.test']);
    // The second time the name leads to us: it is asked again, and refused.
    await expect(fetchSafely(`http://rebind.test:${port}/`)).rejects.toMatchObject({ code: 'OutboundAddressRefused' });
    expect(reached).toEqual(['public']);
  });

  it('refuses a name with a good and a bad address', async () => {
    const names = await dns({ 'both.test': [[PUBLIC, '10.0.0.1']] });

    await expect(
      createSafeFetch({ ...OPEN, resolve: dnsResolver(names.server) })('http://both.test/'),
    ).rejects.toMatchObject({ code: 'OutboundAddressRefused', data: { host: 'both.test', reason: 'private' } });
  });

  it('says so when there is no such host', async () => {
    const names = await dns({});

    await expect(
      createSafeFetch({ ...OPEN, resolve: dnsResolver(names.server) })('http://nowhere.test/'),
    ).rejects.toMatchObject({ code: 'OutboundHostUnknown', retryable: true });
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %i to an address of ours', async (status) => {
    let reached = false;
    const inside = await listen(() => (reached = true), '127.0.0.1');
    const { port } = await listen((_, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${inside.port}/` });
      response.end();
    });

    await expect(createSafeFetch(OPEN)(`http://${PUBLIC}:${port}/`)).rejects.toMatchObject({
      code: 'OutboundRedirected',
      data: { status },
    });
    expect(reached).toBe(false);
  });

  it('gives up on a body that trickles in', async () => {
    const { port } = await listen((_, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    });

    await expect(createSafeFetch({ ...OPEN, timeoutMs: 200 })(`http://${PUBLIC}:${port}/`)).rejects.toMatchObject({
      code: 'OutboundTimedOut',
    });
  });

  it('gives up on a server that never answers, and on a DNS server that does not', async () => {
    const { port } = await listen(() => undefined);
    const never = () => new Promise<string[]>(() => undefined);

    await expect(createSafeFetch({ ...OPEN, timeoutMs: 100 })(`http://${PUBLIC}:${port}/`)).rejects.toMatchObject({
      code: 'OutboundTimedOut',
    });
    await expect(
      createSafeFetch({ ...OPEN, timeoutMs: 100, resolve: never })('http://slow.test/'),
    ).rejects.toMatchObject({ code: 'OutboundTimedOut' });
  });

  it('refuses a body that is announced too large, and one that turns out to be', async () => {
    const limits = { ...OPEN, maxBytes: 1_000 };
    let sent = 0;
    const { port } = await listen((request, response) => {
      if (request.url === '/announced') response.writeHead(200, { 'content-length': 1_000_000 });
      const chunk = Buffer.alloc(100);
      const timer = setInterval(() => response.write(chunk) && (sent += chunk.length), 1);
      response.on('close', () => clearInterval(timer));
    });

    for (const path of ['announced', 'endless']) {
      await expect(createSafeFetch(limits)(`http://${PUBLIC}:${port}/${path}`)).rejects.toMatchObject({
        code: 'OutboundTooLarge',
        data: { limitBytes: 1_000 },
      });
    }
    expect(sent).toBeLessThan(100_000);
  });

  it('does not speak TLS with a server that has no certificate of its name', async () => {
    const { port } = await listen((_, response) => response.end());

    await expect(createSafeFetch(OPEN)(`https://${PUBLIC}:${port}/`)).rejects.toMatchObject({
      code: 'OutboundFailed',
      retryable: true,
    });
  });

  it('ends when its caller does', async () => {
    const { port } = await listen(() => undefined);
    const reason = new Error('shutting down');

    await expect(
      createSafeFetch(OPEN)(`http://${PUBLIC}:${port}/`, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
