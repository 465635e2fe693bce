import { createHash } from 'node:crypto';
import type { Hex } from '@openimo/domain';
import { IndexedChain } from '../testing/indexed-chain.js';
import { Outside } from '../testing/outside.js';
import type { Receiver } from '../testing/receiver.js';
import { TestApi } from '../testing/test-api.js';

const CARD = '# A model\n\nIt reads digits — mostly.\n';
const WRONG: Hex = `0x${'12'.repeat(32)}`;

let indexed: IndexedChain;
let api: TestApi;
let outside: Outside;
let server: Receiver;
let inside: Receiver;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.story.publish();
  await indexed.index();
  outside = await Outside.start();
  ({ server, inside } = outside);
  api = await TestApi.start(indexed, {
    env: {
      ...outside.env,
      OPENIMO_IPFS_GATEWAY: `http://good.test:${server.port}`,
    },
  });
});
afterAll(async () => {
  await api?.close();
  outside?.close();
  await indexed?.close();
});
beforeEach(() => {
  server.received.length = 0;
  server.answer = (_, response) => response.end(CARD);
});

const hashOf = (text: string): Hex => `0x${createHash('sha256').update(text).digest('hex')}`;

/** What the API says of a version whose publisher has put this on the chain. */
async function metadata(uri: string, hash = hashOf(CARD)) {
  await indexed.dataSource.query('update versions set metadata_uri = $1, metadata_hash = $2 where version_id = 1', [
    uri,
    hash,
  ]);
  const { version } = await api.read<{ version: { metadata: { content: string | null; problem: string | null } } }>(
    '{ version(versionId: 1) { metadata { content problem } } }',
  );
  return version.metadata;
}

describe('metadata', () => {
  it('is fetched once, and kept when it is what the publisher committed to', async () => {
    const uri = `http://good.test:${server.port}/card.md`;

    expect(await metadata(uri)).toEqual({ content: CARD, problem: null });
    server.answer = (_, response) => response.end('something else');
    expect(await metadata(uri)).toEqual({ content: CARD, problem: null });

    expect(server.received.map(({ path }) => path)).toEqual(['/card.md']);
  });

  it('comes from the gateway for an ipfs URI', async () => {
    expect(await metadata('ipfs://bafybeigdyrzt/card.md')).toEqual({ content: CARD, problem: null });
    expect(server.received.map(({ path }) => path)).toEqual(['/ipfs/bafybeigdyrzt/card.md']);
  });

  it('is not given when it is something else, and is not asked for again at once', async () => {
    const uri = `http://good.test:${server.port}/changed.md`;

    for (let n = 0; n < 2; n++) {
      expect(await metadata(uri, WRONG)).toEqual({ content: null, problem: expect.stringContaining('committed to') });
    }

    expect(server.received).toHaveLength(1);
  });

  it('is not given when it is missing or too large', async () => {
    server.answer = (_, response) => response.writeHead(404).end();
    expect((await metadata(`http://good.test:${server.port}/missing.md`)).problem).toContain('404');

    server.answer = (_, response) => response.end(Buffer.alloc(2 * 2 ** 20));
    expect((await metadata(`http://good.test:${server.port}/large.md`)).problem).toContain('bytes');
  });

  it('reaches nothing of ours, by address, by name, by rebinding, by redirect', async () => {
    const { port } = inside;
    server.answer = (_, response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
    for (const [uri, problem] of [
      [`http://127.0.0.1:${port}/a`, /not on the public internet \(loopback\)/],
      [`http://[::ffff:7f00:1]:${port}/b`, /not on the public internet \(ipv4Mapped\)/],
      ['http://169.254.169.254/latest/meta-data/', /not on the public internet \(linkLocal\)/],
      [`http://inside.test:${port}/c`, /not on the public internet \(loopback\)/],
      [`http://good.test:${port}/d`, /302, a redirect/],
      ['file:///etc/passwd', /only https and ipfs/],
      ['ipfs://bafy/../../../etc', /only https and ipfs/],
    ] as const) {
      expect((await metadata(uri)).problem).toMatch(problem);
    }

    server.answer = (_, response) => response.end(CARD);
    expect((await metadata(`http://rebind.test:${port}/first`)).content).toBe(CARD);
    expect((await metadata(`http://rebind.test:${port}/second`)).problem).toMatch(/loopback/);
    expect(inside.received).toEqual([]);
    expect((await api.ask('{ _meta { lag } }')).errors).toBeUndefined();
  });
});
