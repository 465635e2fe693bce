import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { IndexedChain } from '../testing/indexed-chain.js';
import { TestApi } from '../testing/test-api.js';

const FOLDER = fileURLToPath(new URL('../../explorer/', import.meta.url));

let indexed: IndexedChain;
let api: TestApi;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.index();
  api = await TestApi.start(indexed);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const get = (path: string) => fetch(new URL(path, api.url));

describe('the explorer', () => {
  it('is a page whose parts all come from us, and which may load nothing else', async () => {
    const page = await get('/explorer');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'/);
    const html = await page.text();
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!).filter((p) => p !== 'data:,');
    expect(parts.length).toBeGreaterThan(1);
    for (const path of parts) {
      const part = await fetch(new URL(path, new URL('/explorer', api.url)));
      expect(part.status).toBe(200);
      for (const [, imported] of (await part.text()).matchAll(/from '([^']+)'/g)) {
        expect((await fetch(new URL(imported!, part.url))).status).toBe(200);
      }
    }
  });

  it('names no other host', () => {
    for (const name of readdirSync(FOLDER)) {
      expect(readFileSync(FOLDER + name, 'utf8')).not.toMatch(/https?:\/\/|\/\/[a-z]+\.[a-z]/);
    }
  });

  it('has examples that work', async () => {
    const { EXAMPLES } = (await import(`${FOLDER}examples.js`)) as {
      EXAMPLES: { query: string; variables?: Record<string, unknown> }[];
    };
    const { INTROSPECTION } = (await import(`${FOLDER}introspection.js`)) as { INTROSPECTION: string };
    for (const { query, variables } of [...EXAMPLES, { query: INTROSPECTION, variables: {} }]) {
      if (query.startsWith('subscription')) continue;
      expect((await api.ask(query, variables)).errors).toBeUndefined();
    }
  });

  it('is not there where it is switched off', async () => {
    const closed = await TestApi.start(indexed, { env: { OPENIMO_EXPLORER: 'off' } });
    expect((await fetch(new URL('/explorer', closed.url))).status).toBe(404);
    await closed.close();
  });
});
