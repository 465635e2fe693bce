import { openDatabase, type DataSource } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { TransactionRepository, type NewTransaction } from './transaction.repository.js';

const CHAIN = 31_337;
const ACCOUNT = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

let database: TestDatabase;
let dataSource: DataSource;
let accounts = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url, { poolSize: 3 });
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

/** Every test has an account of its own, so that none sees another's rows. */
function repository(account = `0x${(++accounts).toString(16).padStart(40, '0')}` as const): TransactionRepository {
  return new TransactionRepository(dataSource, CHAIN, account);
}

async function held(transactions: TransactionRepository): Promise<number> {
  const lease = await transactions.acquireLease('test', 10_000);
  if (!('generation' in lease)) throw new Error(`held by ${lease.heldBy}`);
  return lease.generation;
}

function transaction(transactions: TransactionRepository, nonce: number, key = `key-${nonce}`): NewTransaction {
  return {
    chainId: CHAIN,
    account: transactions.account,
    nonce,
    key,
    to: ACCOUNT,
    data: '0x00ff',
    value: 2n ** 255n,
    gasLimit: 21_000n,
    maxFeePerGas: 3n,
    maxPriorityFeePerGas: 1n,
    rawTransaction: '0x02ab',
    hashes: ['0xaa'],
    cancelHashes: [],
    status: 'prepared',
    minedHash: null,
    blockNumber: null,
    blockHash: null,
    receiptStatus: null,
    gasUsed: null,
    error: null,
    broadcastAt: null,
  };
}

describe('rows', () => {
  it('come back as they were stored, addresses in lower case', async () => {
    const transactions = repository();
    await transactions.insert(transaction(transactions, 7), await held(transactions));

    expect(await transactions.findByKey('key-7')).toMatchObject({
      nonce: 7,
      to: ACCOUNT.toLowerCase(),
      data: '0x00ff',
      value: 2n ** 255n,
      gasLimit: 21_000n,
      hashes: ['0xaa'],
      blockNumber: null,
      createdAt: expect.any(Date),
    });
  });

  it('are found whatever the letter case of the account', async () => {
    const lower = repository('0x00000000000000000000000000000000000000ab');
    await lower.insert(transaction(lower, 0), await held(lower));

    expect(await repository('0x00000000000000000000000000000000000000AB').lastNonce()).toBe(0);
  });

  it('take each key and each nonce once', async () => {
    const transactions = repository();
    const generation = await held(transactions);
    await transactions.insert(transaction(transactions, 0, 'a'), generation);

    expect(await transactions.insert(transaction(transactions, 1, 'a'), generation)).toBe('keyTaken');
    expect(await transactions.insert(transaction(transactions, 0, 'b'), generation)).toBe('nonceTaken');
    expect(await transactions.insert(transaction(transactions, 1, 'b'), generation)).toBe('inserted');
  });

  it('are open until settled, and again once the chain has forgotten them', async () => {
    const transactions = repository();
    const generation = await held(transactions);
    for (const nonce of [0, 1, 2, 3]) await transactions.insert(transaction(transactions, nonce), generation);
    await transactions.update(0, { status: 'confirmed', blockNumber: 9n, error: null }, generation);
    await transactions.update(1, { status: 'mined' }, generation);
    await transactions.update(3, { status: 'failed', error: { code: 'X', message: 'x', data: { n: 1 } } }, generation);

    const nonces = async (chainNonce: number) => (await transactions.open(chainNonce)).map(({ nonce }) => nonce);
    expect(await nonces(4)).toEqual([1, 2]);
    expect(await nonces(3)).toEqual([1, 2, 3]);
    expect(await nonces(0)).toEqual([0, 1, 2, 3]);
    expect(await transactions.lastNonce()).toBe(3);
  });
});

describe('the lease', () => {
  it('has one holder at a time', async () => {
    const transactions = repository();
    expect(await transactions.acquireLease('first', 10_000)).toEqual({ generation: 1 });

    expect(await transactions.acquireLease('second', 10_000)).toEqual({ heldBy: 'first', leftMs: expect.any(Number) });
  });

  it('goes to one of many who want it at once', async () => {
    const transactions = repository();
    const wanted = await Promise.all([1, 2, 3, 4, 5].map((n) => transactions.acquireLease(`p${n}`, 10_000)));

    expect(wanted.filter((lease) => 'generation' in lease)).toHaveLength(1);
  });

  it('is free again when it ran out or was released, and the former holder can write nothing', async () => {
    const transactions = repository();
    const first = await held(transactions);
    await transactions.releaseLease(first);
    const second = await held(transactions);

    expect(second).toBe(first + 1);
    expect(await transactions.renewLease(first, 1_000)).toBe(false);
    expect(await transactions.renewLease(second, 1_000)).toBe(true);
    await expect(transactions.insert(transaction(transactions, 0), first)).rejects.toMatchObject({
      code: 'AccountLeaseLost',
    });
    await expect(transactions.update(0, { status: 'mined' }, first)).rejects.toMatchObject({
      code: 'AccountLeaseLost',
    });
  });
});

it('remembers the first genesis it was shown', async () => {
  const transactions = repository();
  expect(await transactions.rememberGenesis('0x01')).toBe('0x01');
  expect(await transactions.rememberGenesis('0x02')).toBe('0x01');
});
