import type { Hex } from '@openimo/domain';
import { ApiKeyRepository, openDatabase, type DataSource, type NewApiKey } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';

const ALICE = '0x00000000000000000000000000000000000000Aa';
const BOB = '0x00000000000000000000000000000000000000Bb';
const MANY = 100;
/** No test lives to see the end of a period this long. */
const YEARS = 10 * 365 * 24 * 3_600;

let database: TestDatabase;
let dataSource: DataSource;
let keys: ApiKeyRepository;
let made = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
  keys = new ApiKeyRepository(dataSource);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const secret = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;

async function add(changes: Partial<NewApiKey> = {}): Promise<NewApiKey> {
  const key: NewApiKey = {
    keyId: `key${++made}`,
    account: ALICE,
    name: 'a key',
    secretHash: secret(1),
    scopes: ['read'],
    budget: 10,
    periodSeconds: YEARS,
    expiresAt: null,
    ...changes,
  };
  await keys.add(key, MANY);
  return key;
}

describe('ApiKeyRepository.open', () => {
  it('opens with the secret alone and notes the use', async () => {
    const { keyId } = await add();

    expect(await keys.open(keyId, secret(2))).toBeUndefined();
    expect((await keys.find(ALICE, keyId))?.lastUsedAt).toBeNull();
    expect(await keys.open(keyId, secret(1))).toMatchObject({ keyId, scopes: ['read'], budget: 10 });
    expect((await keys.find(ALICE, keyId))?.lastUsedAt).toBeInstanceOf(Date);
  });

  it('opens nothing that expired or was revoked', async () => {
    const expired = await add({ expiresAt: new Date(Date.now() - 1) });
    const revoked = await add();
    expect(await keys.revoke(ALICE, revoked.keyId)).toBe(true);

    expect(await keys.open(expired.keyId, secret(1))).toBeUndefined();
    expect(await keys.open(revoked.keyId, secret(1))).toBeUndefined();
  });

  it('opens with both secrets during the overlap of a rotation, and with the new one after it', async () => {
    const overlapping = await add();
    const cut = await add();
    await keys.rotate(ALICE, overlapping.keyId, secret(7), 3_600);
    await keys.rotate(ALICE, cut.keyId, secret(7), 0);

    expect(await keys.open(overlapping.keyId, secret(1))).toBeDefined();
    expect(await keys.open(overlapping.keyId, secret(7))).toBeDefined();
    expect(await keys.open(cut.keyId, secret(1))).toBeUndefined();
    expect(await keys.open(cut.keyId, secret(7))).toBeDefined();
  });
});

describe("somebody else's key", () => {
  it('is not there', async () => {
    const { keyId } = await add();

    expect(await keys.find(BOB, keyId)).toBeUndefined();
    expect(await keys.rotate(BOB, keyId, secret(9), 0)).toBe(false);
    expect(await keys.revoke(BOB, keyId)).toBe(false);
    expect(await keys.open(keyId, secret(1))).toBeDefined();
  });
});

describe('ApiKeyRepository.add', () => {
  it('gives the last place once when several ask for it at the same moment', async () => {
    const account = '0x00000000000000000000000000000000000000cc';
    const pool = await openDatabase(database.url, { poolSize: 4 });
    const several = new ApiKeyRepository(pool);
    const ask = (keyId: string) =>
      several.add(
        {
          keyId,
          account,
          name: '',
          secretHash: secret(1),
          scopes: [],
          budget: null,
          periodSeconds: 1,
          expiresAt: null,
        },
        2,
      );

    const added = await Promise.all(['a', 'b', 'c', 'd'].map(ask));

    expect(added.filter(Boolean)).toHaveLength(2);
    expect(await keys.list(account)).toHaveLength(2);
    await pool.destroy();
  });
});

describe('ApiKeyRepository.charge', () => {
  it('takes whole charges until the budget is spent, and nothing of the one that does not fit', async () => {
    const key = await add({ budget: 10 });

    expect(await keys.charge(key, 6)).toMatchObject({ spent: 6, refused: false });
    expect(await keys.charge(key, 5)).toMatchObject({ spent: 6, refused: true });
    expect(await keys.charge(key, 4)).toMatchObject({ spent: 10, refused: false });
    expect((await keys.spent(key)).spent).toBe(10);
  });

  it('refuses a first charge over the budget, and never one without a budget', async () => {
    expect(await keys.charge(await add({ budget: 10 }), 11)).toMatchObject({ spent: 0, refused: true });
    expect(await keys.charge(await add({ budget: null }), 1_000_000)).toMatchObject({ refused: false });
  });

  it('never spends more than the budget when charged from many places', async () => {
    const key = await add({ budget: 10 });

    const charges = await Promise.all(Array.from({ length: 25 }, () => keys.charge(key, 1)));

    expect(charges.filter(({ refused }) => !refused)).toHaveLength(10);
    expect((await keys.spent(key)).spent).toBe(10);
  });

  it('begins anew with each period', async () => {
    const key = await add({ budget: 1 });
    await keys.charge(key, 1);
    await dataSource.query(
      `update api_key_usage set period_start = period_start - interval '1 day' where key_id = $1`,
      [key.keyId],
    );

    expect(await keys.charge(key, 1)).toMatchObject({ spent: 1, refused: false });
  });
});
