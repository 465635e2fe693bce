import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { IndexedChain } from '../testing/indexed-chain.js';
import { signIn } from '../testing/sign-in.js';
import { TestApi } from '../testing/test-api.js';

let indexed: IndexedChain;
let api: TestApi;
let alice: Record<string, string>;
let bob: Record<string, string>;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  api = await TestApi.start(indexed);
  const newcomer = () => signIn(api, privateKeyToAccount(generatePrivateKey()));
  [alice, bob] = await Promise.all([newcomer(), newcomer()]);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const CREATE = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    __typename
    ... on CreatedApiKey { key apiKey { keyId name scopes budget spent lastUsedAt } }
    ... on ErrorResult { message }
  }
}`;
const ROTATE = `mutation ($keyId: String!, $overlap: Int!) {
  rotateApiKey(keyId: $keyId, overlapSeconds: $overlap) {
    __typename ... on CreatedApiKey { key } ... on ErrorResult { message }
  }
}`;
const REVOKE = 'mutation ($keyId: String!) { revokeApiKey(keyId: $keyId) }';

interface Created {
  readonly key: string;
  readonly apiKey: { readonly keyId: string };
}

async function create(input: object = {}): Promise<Created> {
  const variables = { input: { name: 'ci', scopes: ['read'], ...input } };
  const { data, errors } = await api.ask<{ createApiKey: Created }>(CREATE, variables, alice);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.createApiKey;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const opens = async (key: string) => (await api.ask('{ _meta { lag } }', {}, bearer(key))).errors === undefined;

describe('an API key', () => {
  it('is shown once, and kept without its secret', async () => {
    const { key, apiKey } = await create();

    expect(key).toMatch(/^imo_[0-9a-f]{32}_[0-9a-f]{64}$/);
    expect(apiKey).toMatchObject({ name: 'ci', scopes: ['read'], budget: null, spent: 0, lastUsedAt: null });
    expect(await opens(key)).toBe(true);
    const rows = JSON.stringify(await indexed.dataSource.query('select * from api_keys'));
    expect(rows).toContain(apiKey.keyId);
    expect(rows).not.toContain(key.split('_')[2]);
  });

  it('opens nothing with another secret', async () => {
    const { apiKey } = await create();

    expect(await opens(`imo_${apiKey.keyId}_${'0'.repeat(64)}`)).toBe(false);
  });

  it('may do what its scopes say, and never manage keys or sessions', async () => {
    const { key } = await create({ scopes: ['read', 'publish', 'webhooks'] });

    for (const query of [
      '{ myApiKeys { keyId } }',
      '{ mySessions { sessionId } }',
      'mutation { revokeOtherSessions }',
    ]) {
      expect((await api.ask(query, {}, bearer(key))).errors).toMatchObject([
        { extensions: { code: 'FORBIDDEN', reason: 'ScopeMissing', data: { scope: 'manage' } } },
      ]);
    }
  });

  it('gets another secret while the old one works for a while, or not at all', async () => {
    const { key, apiKey } = await create();
    const rotate = async (overlap: number) =>
      (await api.ask<{ rotateApiKey: { key: string } }>(ROTATE, { keyId: apiKey.keyId, overlap }, alice)).data
        .rotateApiKey.key;

    const second = await rotate(3_600);
    expect([await opens(key), await opens(second)]).toEqual([true, true]);
    const third = await rotate(0);
    expect([await opens(key), await opens(second), await opens(third)]).toEqual([false, false, true]);
  });

  it('ends at once when it is revoked', async () => {
    const { key, apiKey } = await create();

    expect((await api.ask(REVOKE, { keyId: apiKey.keyId }, alice)).data).toEqual({ revokeApiKey: true });

    expect(await opens(key)).toBe(false);
  });

  it('is not there for others, who have guessed its id', async () => {
    const { key, apiKey } = await create();
    const { keyId } = apiKey;

    expect((await api.ask(ROTATE, { keyId, overlap: 0 }, bob)).data).toMatchObject({
      rotateApiKey: { __typename: 'ApiKeyNotFound' },
    });
    expect((await api.ask(REVOKE, { keyId }, bob)).data).toEqual({ revokeApiKey: false });
    expect((await api.ask<{ myApiKeys: [] }>('{ myApiKeys { keyId } }', {}, bob)).data.myApiKeys).toEqual([]);
    expect(await opens(key)).toBe(true);
  });

  it.each([
    [{ name: '' }, /1 to 64/],
    [{ scopes: [] }, /at least one scope/],
    [{ budget: 0 }, /at least 1/],
    [{ periodSeconds: 1 }, /60 to/],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, /future/],
  ])('is not made of %j', async (input, message) => {
    const variables = { input: { name: 'ci', scopes: ['read'], ...input } };

    expect((await api.ask(CREATE, variables, alice)).errors).toMatchObject([
      { message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT', reason: 'ApiKeyInputInvalid' } },
    ]);
  });

  it('spends its budget by what queries cost, in every process together, and nothing on what is refused', async () => {
    const { key, apiKey } = await create({ budget: 30 });
    const second = await TestApi.start(indexed);
    const ask = async (from: TestApi, count: number) =>
      (await from.ask(`{ families(first: ${count}) { nodes { name } } }`, {}, bearer(key))).errors;

    expect(await ask(api, 5)).toBeUndefined();
    const [{ spent }] = await mySpending(apiKey.keyId);
    expect(spent).toBeGreaterThan(0);
    expect(await ask(second, 100)).toMatchObject([
      {
        message: expect.stringContaining(`has spent ${spent} of its 30 units`),
        extensions: { code: 'LIMIT_EXCEEDED', reason: 'ApiKeyBudgetSpent' },
      },
    ]);
    expect((await mySpending(apiKey.keyId))[0].spent).toBe(spent);
    expect(await ask(second, 1)).toBeUndefined();
    await second.close();
  });
});

async function mySpending(keyId: string): Promise<[{ spent: number }]> {
  const { data } = await api.ask<{ myApiKeys: { keyId: string; spent: number }[] }>(
    '{ myApiKeys { keyId spent } }',
    {},
    alice,
  );
  return [data.myApiKeys.find((one) => one.keyId === keyId)!];
}
