import { openDatabase, TransactionRepository, type DataSource } from '@openimo/persistence';
import { startTestDatabase, type TestDatabase } from '@openimo/persistence/testing';
import { createTestClient, http, pad, toHex, type Abi } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import type { Address, Hex } from '@openimo/domain';
import { startAnvil, type Anvil, type AnvilOptions } from '../anvil/start-anvil.js';
import { createChain, type ChainOptions } from '../chain/create-chain.js';
import { LocalKeySigner } from '../signer/local-key-signer.js';
import { COUNTER_CODE, REFUSER_CODE, REFUSES } from '../testing/contracts.js';
import type { TransactionEvent } from './transaction-event.js';
import { TransactionManager, type TransactionManagerOptions } from './transaction-manager.js';

const ETHER = 10n ** 18n;

let database: TestDatabase;
let dataSource: DataSource;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url, { poolSize: 2 });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  // Every test starts a chain of its own.
  await dataSource.query('delete from chains');
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

interface Setup {
  readonly anvil: Anvil;
  readonly signer: LocalKeySigner;
  readonly manager: TransactionManager;
  readonly events: TransactionEvent[];
  readonly test: ReturnType<typeof testClient>;
  manage(options?: Partial<TransactionManagerOptions>, chain?: Partial<ChainOptions>): TransactionManager;
}

async function setUp(
  options: AnvilOptions = {},
  managerOptions: Partial<TransactionManagerOptions> = {},
  chainOptions: Partial<ChainOptions> = {},
): Promise<Setup> {
  const anvil = await startAnvil(options);
  cleanups.push(() => anvil.kill());
  const signer = new LocalKeySigner(generatePrivateKey(), 31_337);
  const test = testClient(anvil);
  await test.setBalance({ address: signer.address, value: 100n * ETHER });
  const events: TransactionEvent[] = [];
  const manage: Setup['manage'] = (more = {}, chainMore = {}) => {
    const manager = new TransactionManager({
      chain: createChain({ rpcUrl: anvil.rpcUrl, chainId: 31_337, pollIntervalMs: 20, ...chainOptions, ...chainMore }),
      signer,
      store: new TransactionRepository(dataSource, 31_337, signer.address),
      abis: [REFUSES as Abi],
      leaseTtlMs: 500,
      onEvent: (event) => events.push(event),
      ...managerOptions,
      ...more,
    });
    cleanups.push(() => manager.stop());
    return manager;
  };
  const manager = manage();
  await manager.start();
  return { anvil, signer, manager, events, test, manage };
}

function testClient(anvil: Anvil) {
  return createTestClient({ mode: 'anvil', chain: anvil.chain.client.chain, transport: http(anvil.rpcUrl) });
}

async function deploy(manager: TransactionManager, code: Hex): Promise<Address> {
  const { minedHash } = await manager.execute({ key: `deploy ${code}`, to: null, data: code });
  const { contractAddress } = await clientOf(manager).getTransactionReceipt({ hash: minedHash! });
  return contractAddress!;
}

const clients = new WeakMap<TransactionManager, Anvil['chain']['client']>();
function clientOf(manager: TransactionManager): Anvil['chain']['client'] {
  return clients.get(manager)!;
}

async function countOf({ anvil }: Setup, counter: Address, word: number): Promise<bigint> {
  return BigInt((await anvil.chain.client.getStorageAt({ address: counter, slot: pad(toHex(word)) })) ?? 0);
}

const callWith = (word: number): Hex => pad(toHex(word));
const nonceAt = ({ anvil, signer }: Setup) => anvil.chain.client.getTransactionCount({ address: signer.address });
const types = (events: readonly TransactionEvent[]) => events.map(({ type }) => type);

describe('submit', () => {
  it('sees a transaction through to its confirmation', async () => {
    const setup = await setUp();
    clients.set(setup.manager, setup.anvil.chain.client);
    const counter = await deploy(setup.manager, COUNTER_CODE);

    const record = await setup.manager.execute({ key: 'count', to: counter, data: callWith(3) });

    expect(record).toMatchObject({ status: 'confirmed', nonce: 1, receiptStatus: 'success', error: null });
    expect(await countOf(setup, counter, 3)).toBe(1n);
    expect(await setup.manager.find('count')).toMatchObject({ status: 'confirmed', minedHash: record.hashes[0] });
  });

  it('gives one effect to one key, however often and at the same time it is submitted', async () => {
    const setup = await setUp();
    clients.set(setup.manager, setup.anvil.chain.client);
    const counter = await deploy(setup.manager, COUNTER_CODE);
    const request = { key: 'once', to: counter, data: callWith(1) };

    const records = await Promise.all([1, 2, 3, 4].map(() => setup.manager.execute(request)));

    expect(new Set(records.map(({ nonce }) => nonce))).toEqual(new Set([1]));
    expect(await countOf(setup, counter, 1)).toBe(1n);
  });

  it('refuses a key that belongs to another transaction', async () => {
    const { manager, signer } = await setUp();
    await manager.submit({ key: 'a', to: signer.address, value: 1n });

    await expect(manager.submit({ key: 'a', to: signer.address, value: 2n })).rejects.toMatchObject({
      code: 'IdempotencyKeyReused',
    });
  });

  it('takes no nonce for what would revert, and says why in words', async () => {
    const setup = await setUp();
    clients.set(setup.manager, setup.anvil.chain.client);
    const refuser = await deploy(setup.manager, REFUSER_CODE);

    await expect(setup.manager.submit({ key: 'buy', to: refuser })).rejects.toMatchObject({
      code: 'ContractReverted',
      message: 'The contract refused: too expensive (price 7, limit 5).',
      data: { errorName: 'Shop_TooExpensive', args: { price: 7n, limit: 5n } },
      retryable: false,
    });
    expect(await setup.manager.find('buy')).toBeUndefined();
    expect(
      await setup.manager.execute({ key: 'next', to: refuser.slice(0, 40).padEnd(42, '0') as Address }),
    ).toMatchObject({
      nonce: 1,
    });
  });

  it('reports what was mined and reverted, with the error of the contract', async () => {
    const setup = await setUp();
    clients.set(setup.manager, setup.anvil.chain.client);
    const refuser = await deploy(setup.manager, REFUSER_CODE);

    await expect(setup.manager.execute({ key: 'buy', to: refuser, gas: 100_000n })).rejects.toMatchObject({
      code: 'ContractReverted',
      message: 'The contract refused: too expensive (price 7, limit 5).',
    });
    expect(await setup.manager.find('buy')).toMatchObject({ status: 'failed', receiptStatus: 'reverted' });
  });

  it('asks for funds before it takes a nonce', async () => {
    const setup = await setUp();
    const { manager, signer, test } = setup;
    await test.setBalance({ address: signer.address, value: 1_000n });

    await expect(manager.submit({ key: 'pay', to: signer.address, value: 1n })).rejects.toMatchObject({
      code: 'InsufficientFunds',
      retryable: true,
    });
    await test.setBalance({ address: signer.address, value: ETHER });
    expect(await manager.execute({ key: 'pay', to: signer.address, value: 1n })).toMatchObject({ nonce: 0 });
  });

  it('refuses gas that no block could hold or that does not pay for the bytes', async () => {
    const { manager, signer } = await setUp();
    const request = { key: 'a', to: signer.address, data: '0xffff' } as const;

    await expect(manager.submit({ ...request, gas: 21_079n })).rejects.toMatchObject({ code: 'GasOutOfRange' });
    await expect(manager.submit({ ...request, gas: 10n ** 9n })).rejects.toMatchObject({ code: 'GasOutOfRange' });
    expect(await manager.execute({ ...request, gas: 21_080n })).toMatchObject({ gasUsed: 21_080n });
  });

  it('takes its nonces after those the account used elsewhere', async () => {
    const setup = await setUp();
    await setup.test.setNonce({ address: setup.signer.address, nonce: 41 });

    expect(await setup.manager.execute({ key: 'a', to: setup.signer.address })).toMatchObject({ nonce: 41 });
  });
});

describe('a transaction that is stored', () => {
  it('is sent when funds arrive, and holds no later one up for ever', async () => {
    const setup = await setUp({ noMining: true });
    const { manager, signer, test, anvil } = setup;
    await manager.submit({ key: 'a', to: signer.address, gas: 21_000n });
    await anvil.chain.client.request({ method: 'anvil_dropAllTransactions' as never, params: [] as never });
    await test.setBalance({ address: signer.address, value: 0n });
    await manager.stop();

    const next = setup.manage();
    await next.start();
    await until(async () => (await next.find('a'))?.error?.code === 'InsufficientFunds');
    await test.setBalance({ address: signer.address, value: ETHER });
    await until(async () => (await next.find('a'))?.error === null);
    await test.mine({ blocks: 1 });
    expect(await next.wait('a')).toMatchObject({ status: 'confirmed', nonce: 0 });
  });

  it('is offered for more when blocks come without it', async () => {
    const setup = await setUp({ noMining: true }, { stuckAfterMs: 100 });
    const { manager, signer, test, anvil } = setup;
    const first = await manager.submit({ key: 'a', to: signer.address });
    await until(async () => await nodeKnows(anvil, first.hashes[0]!));
    // Blocks that do not take it: the node forgets it just before each.
    await anvil.chain.client.request({ method: 'anvil_dropAllTransactions' as never, params: [] as never });
    await test.mine({ blocks: 1 });

    await until(async () => ((await manager.find('a'))?.hashes.length ?? 0) > 1);
    const replaced = (await manager.find('a'))!;
    expect(replaced.maxFeePerGas * 8n).toBeGreaterThanOrEqual(first.maxFeePerGas * 9n);
    expect(replaced.maxPriorityFeePerGas * 8n).toBeGreaterThanOrEqual(first.maxPriorityFeePerGas * 9n);
    await until(async () => nodeKnows(anvil, replaced.hashes.at(-1)!));
    await test.mine({ blocks: 1 });
    expect(await manager.wait('a')).toMatchObject({ status: 'confirmed', nonce: 0 });
    expect(await nonceAt(setup)).toBe(1);
  });

  it.each([
    ['its own deadline', 'b'],
    ['that of one behind it', 'c'],
  ])('is offered for more sooner where %s comes near', async (_, hurried) => {
    const { manager, signer, test, anvil } = await setUp({ noMining: true }, { stuckAfterMs: 3_600_000 });
    for (const key of ['b', 'c']) await manager.submit({ key, to: signer.address, gas: 21_000n });
    const { maxFeePerGas, hashes } = (await manager.find('b'))!;
    await until(async () => nodeKnows(anvil, hashes[0]!));
    // More than twice the fee that both left room for, block after block.
    await test.setNextBlockBaseFeePerGas({ baseFeePerGas: 4n * maxFeePerGas });
    await test.mine({ blocks: 1 });

    manager.hurry(hurried, new Date(Date.now() + 15_000));

    await until(async () => ((await manager.find('b'))?.hashes.length ?? 0) > 1);
    await until(async () => nodeKnows(anvil, (await manager.find('b'))!.hashes.at(-1)!));
    await test.setNextBlockBaseFeePerGas({ baseFeePerGas: 4n * maxFeePerGas });
    await test.mine({ blocks: 1 });
    expect(await manager.wait('b')).toMatchObject({ status: 'confirmed', nonce: 0 });
  });

  it('never offers more than the cap', async () => {
    const setup = await setUp({ noMining: true }, { stuckAfterMs: 20, maxFeePerGasCap: 4_000_000_000n });
    const { manager, signer, test } = setup;
    await manager.submit({ key: 'a', to: signer.address, gas: 21_000n });
    await test.setNextBlockBaseFeePerGas({ baseFeePerGas: 10_000_000_000n });
    await test.mine({ blocks: 1 });

    await until(async () => (await manager.find('a'))?.error?.code === 'FeeCapReached');
    expect((await manager.find('a'))!.maxFeePerGas).toBeLessThanOrEqual(4_000_000_000n);
  });

  it('is sent again when the node forgot it', async () => {
    const setup = await setUp({ noMining: true });
    const { manager, signer, anvil, test } = setup;
    const { hashes } = await manager.submit({ key: 'a', to: signer.address });
    await anvil.chain.client.request({ method: 'anvil_dropAllTransactions' as never, params: [] as never });
    await manager.stop();

    const next = setup.manage();
    await next.start();
    await until(() => nodeKnows(anvil, hashes[0]!));
    await test.mine({ blocks: 1 });
    expect(await next.wait('a')).toMatchObject({ status: 'confirmed', minedHash: hashes[0] });
  });

  it('can be cancelled while it is not mined, and its nonce is used up', async () => {
    const setup = await setUp({ noMining: true });
    const { manager, signer, test, anvil } = setup;
    await manager.submit({ key: 'a', to: signer.address, value: 5n, gas: 50_000n });
    await manager.cancel('a');
    await until(async () => nodeKnows(anvil, (await manager.find('a'))!.hashes.at(-1)!));
    await test.mine({ blocks: 1 });

    expect(await manager.wait('a')).toMatchObject({ status: 'cancelled' });
    await expect(manager.execute({ key: 'a', to: signer.address, value: 5n })).rejects.toMatchObject({
      code: 'TransactionCancelled',
    });
    expect(await nonceAt(setup)).toBe(1);
  });

  it('gives its nonce to an empty transaction when no node takes it', async () => {
    const setup = await setUp({ args: ['--gas-limit', '1000000'] });
    const { manager, signer } = setup;

    await expect(manager.execute({ key: 'a', to: signer.address, gas: 2_000_000n })).rejects.toMatchObject({
      code: 'TransactionRefused',
    });
    expect(await manager.find('a')).toMatchObject({ status: 'cancelled', nonce: 0 });
    expect(await manager.execute({ key: 'b', to: signer.address })).toMatchObject({ status: 'confirmed', nonce: 1 });
  });

  it('gets another nonce when the account used its own elsewhere', async () => {
    const setup = await setUp({ noMining: true });
    const { manager, signer, anvil, test } = setup;
    const { nonce } = await manager.submit({ key: 'a', to: signer.address, value: 1n });
    await anvil.chain.client.request({ method: 'anvil_dropAllTransactions' as never, params: [] as never });
    const foreign = await signer.signTransaction({
      type: 'eip1559',
      chainId: 31_337,
      nonce,
      to: signer.address,
      value: 2n,
      gas: 21_000n,
      maxFeePerGas: 10n ** 10n,
      maxPriorityFeePerGas: 10n ** 9n,
    });
    await anvil.chain.client.sendRawTransaction({ serializedTransaction: foreign });
    await test.mine({ blocks: 1 });

    await until(async () => (await manager.find('a'))?.nonce === nonce + 1);
    await until(async () => nodeKnows(anvil, (await manager.find('a'))!.hashes.at(-1)!));
    await test.mine({ blocks: 1 });
    expect(await manager.wait('a')).toMatchObject({ status: 'confirmed', nonce: nonce + 1 });
  });
});

describe('confirmations', () => {
  it('are waited for', async () => {
    const { manager, signer, test } = await setUp({}, {}, { confirmations: 3 });
    await manager.submit({ key: 'a', to: signer.address });
    await until(async () => (await manager.find('a'))?.status === 'mined');
    await test.mine({ blocks: 1 });
    await expect(manager.wait('a', { timeoutMs: 150 })).rejects.toMatchObject({ code: 'TransactionTimedOut' });

    await test.mine({ blocks: 1 });
    expect(await manager.wait('a')).toMatchObject({ status: 'confirmed', blockNumber: 1n });
  });

  it('are cancelled when they are not wanted on the chain that a reorganisation left', async () => {
    const unwanted = new Set<string>();
    const setup = await setUp({}, { isWanted: async ({ key }) => !unwanted.has(key) });
    const { manager, signer, anvil, test } = setup;
    clients.set(manager, anvil.chain.client);
    await test.mine({ blocks: 3 });
    const counter = await deploy(manager, COUNTER_CODE);
    await manager.execute({ key: 'a', to: counter, data: callWith(1) });
    await manager.execute({ key: 'b', to: counter, data: callWith(2) });
    unwanted.add('a');
    await anvil.chain.client.request({ method: 'anvil_reorg' as never, params: [2, []] as never });

    await until(async () => (await manager.find('a'))?.status === 'cancelled');
    await until(async () => (await countOf(setup, counter, 2)) === 1n);
    expect(await countOf(setup, counter, 1)).toBe(0n);
    expect(await nonceAt(setup)).toBe(3);
    expect(await manager.execute({ key: 'c', to: signer.address })).toMatchObject({ nonce: 3 });
  });

  it('start over when a reorganisation drops the block', async () => {
    const setup = await setUp({}, {}, { confirmations: 3 });
    const { manager, signer, anvil, test, events } = setup;
    await test.mine({ blocks: 2 });
    await manager.submit({ key: 'a', to: signer.address, value: 1n });
    await until(async () => (await manager.find('a'))?.status === 'mined');
    const before = (await manager.find('a'))!;

    await anvil.chain.client.request({ method: 'anvil_reorg' as never, params: [1, []] as never });
    await until(async () => {
      const now = await manager.find('a');
      return now?.status === 'mined' && now.blockHash !== before.blockHash;
    });
    await test.mine({ blocks: 3 });

    expect(await manager.wait('a')).toMatchObject({ status: 'confirmed', nonce: 0, hashes: before.hashes });
    expect(types(events)).toContain('reorged');
    expect(await nonceAt(setup)).toBe(1);
  });

  it('are taken back when the chain lost what was already confirmed', async () => {
    const setup = await setUp();
    const { manager, signer, anvil, test } = setup;
    await test.mine({ blocks: 3 });
    await manager.execute({ key: 'a', to: signer.address, value: 1n });
    await anvil.chain.client.request({ method: 'anvil_reorg' as never, params: [1, []] as never });

    expect(await manager.execute({ key: 'b', to: signer.address, value: 1n })).toMatchObject({ nonce: 1 });
    await until(async () => (await manager.find('a'))?.status === 'confirmed');
    expect(await nonceAt(setup)).toBe(2);
  });
});

describe('the account', () => {
  it('is used by one manager at a time', async () => {
    const setup = await setUp();
    const second = setup.manage({ leaseWaitMs: 100 });

    await expect(second.start()).rejects.toMatchObject({ code: 'AccountInUse' });
  });

  it('is free at once when its manager stopped', async () => {
    const setup = await setUp();
    await setup.manager.stop();
    const second = setup.manage({ leaseWaitMs: 0 });

    await expect(second.start()).resolves.toBeUndefined();
    await expect(setup.manager.submit({ key: 'a', to: setup.signer.address })).rejects.toMatchObject({
      code: 'ManagerStopped',
    });
  });

  it('is given up by a manager that another one replaced', async () => {
    const setup = await setUp();
    const { manager, signer, events } = setup;
    const waiting = manager.wait('never').catch((error: unknown) => error);
    await dataSource.query(`update signing_accounts set generation = generation + 1 where account = $1`, [
      signer.address.toLowerCase(),
    ]);
    await until(async () => types(events).includes('stopped'));

    await expect(manager.submit({ key: 'a', to: signer.address })).rejects.toMatchObject({ code: 'AccountLeaseLost' });
    expect(await waiting).toMatchObject({ code: expect.stringMatching('UnknownTransaction|AccountLeaseLost') });
  });
});

it('refuses a chain that was started anew under the same id', async () => {
  const { manager } = await setUp();
  await manager.stop();
  // Genesis blocks differ by their time, in seconds.
  const anvil = await startAnvil({ args: ['--timestamp', '1700000000'] });
  cleanups.push(() => anvil.kill());
  const signer = new LocalKeySigner(generatePrivateKey(), 31_337);
  const store = new TransactionRepository(dataSource, 31_337, signer.address);

  await expect(new TransactionManager({ chain: anvil.chain, signer, store }).start()).rejects.toMatchObject({
    code: 'ChainReset',
  });
});

it('goes on when the chain was away', async () => {
  const setup = await setUp();
  const { manager, signer, anvil, events } = setup;
  process.kill(anvil.pid, 'SIGSTOP');
  const submitted = manager.execute({ key: 'a', to: signer.address });
  await new Promise((resolve) => setTimeout(resolve, 100));
  process.kill(anvil.pid, 'SIGCONT');

  expect(await submitted).toMatchObject({ status: 'confirmed' });
  expect(types(events)).not.toContain('stopped');
});

async function nodeKnows(anvil: Anvil, hash: Hex): Promise<boolean> {
  return anvil.chain.client.getTransaction({ hash }).then(
    () => true,
    () => false,
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 40_000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error('it never happened');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
