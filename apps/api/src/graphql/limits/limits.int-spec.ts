import { WebSocket } from 'ws';
import { IndexedChain } from '../../testing/indexed-chain.js';
import { Follower } from '../../testing/subscribe.js';
import { TestApi } from '../../testing/test-api.js';

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
afterEach(async () => {
  // Whatever was tried, the service is up and quick.
  const startedAt = performance.now();
  await api.read('{ _meta { lag } }');
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

const times = (count: number, part: (index: number) => string, glue = ' ') =>
  Array.from({ length: count }, (_, index) => part(index)).join(glue);
const nested = (levels: number) =>
  `{ families { nodes ${'{ children '.repeat(levels)} { familyId } ${'}'.repeat(levels)} } }`;
const listsInLists = `{ families(first: 100) { nodes { versions(first: 100) { nodes { requests(first: 100) { nodes { requestId } } } } } } }`;
const spreads = `query { families { nodes { ...F0 } } } ${times(60, (i) => `fragment F${i} on Family { ...F${i + 1} ...F${i + 1} }`)} fragment F60 on Family { name }`;

describe.each([
  ['deep', nested(20), 'QueryTooDeep', /deep/],
  ['wide in aliases', `{ ${times(40, (i) => `a${i}: _meta { lag }`)} }`, 'TooManyAliases', /aliases/],
  ['wide in tokens', `{ ${times(2_000, () => '_meta { lag }')} }`, undefined, /2000 tokens/],
  ['of lists in lists', listsInLists, 'QueryTooExpensive', /`first`/],
  ['of fragments that double', spreads, 'QueryTooExpensive', /`first`/],
  [
    'of fragments in a circle',
    'query { families { nodes { ...A } } } fragment A on Family { ...B } fragment B on Family { ...A }',
    undefined,
    /Cannot spread fragment "A" within itself/,
  ],
])('a query %s', (_, query, reason, message) => {
  it('is refused with a reason, over HTTP and over WebSocket', async () => {
    const startedAt = performance.now();
    const { data, errors } = await api.ask<unknown>(query);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(data).toBeUndefined();
    expect(errors![0]!.message).toMatch(message);
    expect(errors![0]!.extensions).toMatchObject(reason === undefined ? {} : { code: 'LIMIT_EXCEEDED', reason });

    const follower = new Follower(api.url, query);
    await follower.over();
    expect((follower.errors[0] as { message: string }).message).toMatch(message);
    await follower.close();
  });
});

it('a list costs as many as it may hold', async () => {
  const first = (count: number) =>
    `{ tokens(first: ${count}) { nodes { holders(first: 100) { nodes { paid { asset claimed } } } } } }`;
  expect((await api.ask(first(10))).errors).toBeUndefined();
  expect((await api.ask(first(100))).errors).toMatchObject([{ extensions: { reason: 'QueryTooExpensive' } }]);
  const variable =
    'query ($first: Int!) { tokens { nodes { holders(first: $first) { nodes { paid { asset claimed token: asset } } } } } }';
  expect((await api.ask(variable, { first: 10 })).errors).toBeUndefined();
});

describe('a body', () => {
  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(api.url, { method: 'POST', headers, body });

  it('with several queries is refused', async () => {
    const one = { query: '{ _meta { lag } }' };
    const response = await post(JSON.stringify([one, one]));
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toMatch(/batch/i);
  });

  it('that is too large is refused', async () => {
    const response = await post(JSON.stringify({ query: `{ _meta { lag } } # ${'x'.repeat(200_000)}` }));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
  });

  it('that is no JSON is refused', async () => {
    const response = await post('{"query":');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ message: expect.stringMatching(/JSON/) }] });
  });

  it('that a form of any page could send is refused', async () => {
    const response = await post('{"query":"{ _meta { lag } }"}', { 'content-type': 'text/plain' });
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toMatch(/CSRF/);
  });
});

describe('a page of another origin', () => {
  const origin = 'https://evil.example';

  it('cannot ask', async () => {
    const { status, errors } = await api.ask('{ _meta { lag } }', {}, { origin });
    expect(status).toBe(403);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('cannot open a WebSocket', async () => {
    const socket = new WebSocket(api.url.replace('http', 'ws'), 'graphql-transport-ws', { origin });
    const status = await new Promise((resolve) =>
      socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode)),
    );
    expect(status).toBe(403);
  });

  it('can where it is listed', async () => {
    const other = await TestApi.start(indexed, { env: { OPENIMO_ORIGINS: origin } });
    const response = await fetch(other.url, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: '{"query":"{ _meta { lag } }"}',
    });
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(await response.json()).toEqual({ data: { _meta: { lag: '0' } } });
    const own = { origin: new URL(other.url).origin };
    expect((await other.ask('{ _meta { lag } }', {}, own)).status).toBe(200);
    await other.close();
  });
});

it('the schema is told or not, as configured', async () => {
  const introspection = '{ __schema { queryType { name } } }';
  expect((await api.ask(introspection)).errors).toBeUndefined();
  const closed = await TestApi.start(indexed, { env: { OPENIMO_INTROSPECTION: 'off' } });
  try {
    expect((await closed.ask(introspection)).errors).toMatchObject([
      { message: expect.stringMatching(/introspection/i) },
    ]);
    const { errors } = await closed.ask('{ familes { nodes { name } } }');
    expect(errors![0]!.message).not.toMatch(/families/);
    const follower = new Follower(closed.url, introspection);
    await follower.over();
    expect((follower.errors[0] as Error).message).toMatch(/introspection/i);
    await follower.close();
  } finally {
    await closed.close();
  }
});

it('a client that has spent its minute waits, and others do not', async () => {
  const poor = await TestApi.start(indexed, { env: { OPENIMO_LIMIT_COST_PER_MINUTE: '100' } });
  try {
    const ask = () => poor.ask('{ families(first: 20) { nodes { name } } }');
    let answer = await ask();
    for (let tries = 0; answer.errors === undefined && tries < 20; tries++) answer = await ask();
    expect(answer.status).toBe(429);
    expect(answer.errors).toMatchObject([
      {
        message: expect.stringMatching(/Wait \d+ s/),
        extensions: { code: 'LIMIT_EXCEEDED', reason: 'BudgetSpent', retryable: true },
      },
    ]);
  } finally {
    await poor.close();
  }
});

it('sockets of one client are limited', async () => {
  const few = await TestApi.start(indexed, { env: { OPENIMO_LIMIT_SOCKETS: '2' } });
  const open = () => new WebSocket(few.url.replace('http', 'ws'), 'graphql-transport-ws');
  const sockets = [open(), open()];
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('open', resolve))));
  const third = open();
  const status = await new Promise((resolve) =>
    third.once('unexpected-response', (_, { statusCode }) => resolve(statusCode)),
  );
  expect(status).toBe(429);
  for (const socket of sockets) socket.close();
  await few.close();
});

it('a query sent by its hash is known after it was sent once', async () => {
  const query = '{ _meta { lag outboxPosition } }';
  const { createHash } = await import('node:crypto');
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const ask = (text?: string) =>
    fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
    }).then((response) => response.json());
  expect(await ask()).toMatchObject({ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] });
  expect(await ask(query)).toMatchObject({ data: { _meta: { lag: '0' } } });
  expect(await ask()).toMatchObject({ data: { _meta: { lag: '0' } } });
});

const onServer = process.env['DATABASE_URL'] ? it : it.skip;
onServer('a statement that takes too long is ended', async () => {
  const hasty = await TestApi.start(indexed, { env: { OPENIMO_LIMIT_STATEMENT_MS: '200' } });
  const runner = indexed.dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.query('lock table families in access exclusive mode');
  try {
    const { errors } = await hasty.ask('{ families { nodes { name } } }');
    expect(errors).toHaveLength(1);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
  expect((await hasty.ask('{ families { nodes { name } } }')).errors).toBeUndefined();
  await hasty.close();
});
