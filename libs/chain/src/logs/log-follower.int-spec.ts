import { ChainCursorRepository, inTransaction, openDatabase, type DataSource } from '@openimo/persistence';
import { startTestDatabase, type TestDatabase } from '@openimo/persistence/testing';
import { DomainError, type Address, type Hex } from '@openimo/domain';
import { createTestClient, createWalletClient, http, pad, toEventSelector, toHex, type TransactionReceipt } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { startAnvil, type Anvil } from '../anvil/start-anvil.js';
import { createChain, type Chain } from '../chain/create-chain.js';
import { COUNTED, emitterCode } from '../testing/contracts.js';
import { startRpcProxy, type RpcProxy } from '../testing/rpc-proxy.js';
import { type LogBatch, LogFollower, type LogFollowerOptions } from './log-follower.js';

const KEY: Hex = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

let database: TestDatabase;
let dataSource: DataSource;
let anvil: Anvil;
let proxy: RpcProxy;
let chain: Chain;
let emitter: Address;
let consumers = 0;
const followers: Follower[] = [];

beforeAll(async () => {
  [database, anvil] = await Promise.all([startTestDatabase(), startAnvil()]);
  dataSource = await openDatabase(database.url, { poolSize: 2 });
  await dataSource.query(
    'create table seen (consumer text, block_number bigint, block_hash text, word bigint, log_index int)',
  );
});
beforeEach(async () => {
  proxy = await startRpcProxy(anvil.rpcUrl);
  chain = createChain({ rpcUrl: proxy.rpcUrl, chainId: 31_337, pollIntervalMs: 10 });
  const { contractAddress } = await mined(wallet().sendTransaction({ data: emitterCode(toEventSelector(COUNTED[0])) }));
  emitter = contractAddress!;
});
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop();
  await proxy.close();
});
afterAll(async () => {
  await dataSource?.destroy();
  await Promise.all([database?.drop(), anvil?.kill()]);
});

function wallet() {
  return createWalletClient({
    account: privateKeyToAccount(KEY),
    chain: anvil.chain.client.chain,
    transport: http(anvil.rpcUrl),
  });
}

function test() {
  return createTestClient({ mode: 'anvil', chain: anvil.chain.client.chain, transport: http(anvil.rpcUrl) });
}

/** viem's own wait looks again only at a further block, which need not come here. */
async function mined(sent: Promise<Hex>): Promise<TransactionReceipt> {
  const hash = await sent;
  const startedAt = Date.now();
  for (let waits = 1; ; waits++) {
    const receipt = await anvil.chain.client.getTransactionReceipt({ hash }).catch(() => undefined);
    if (receipt !== undefined) return receipt;
    if (Date.now() - startedAt > 30_000) throw new Error(`transaction ${hash} is not mined`);
    // A busy machine's anvil may miss that there is something to mine.
    if (waits % 200 === 0) await test().mine({ blocks: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const emit = (word: number) => mined(wallet().sendTransaction({ to: emitter, data: pad(toHex(word)) }));
/** Blocks to replace, and transactions (with the offset of their block) to put into the new ones. */
const reorg = (depth: number, transactions: readonly unknown[] = []) =>
  anvil.chain.client.request({ method: 'anvil_reorg' as never, params: [depth, transactions] as never });

/** Stores what it sees as an application would: rows and checkpoint in one transaction. */
class Follower {
  readonly cursor = new ChainCursorRepository(dataSource, 31_337, `test-${++consumers}`);
  readonly rollbacks: (bigint | undefined)[] = [];
  readonly troubles: unknown[] = [];
  readonly #stop = new AbortController();
  failing: unknown;
  /** Stores a range. */
  handle = (batch: LogBatch<typeof COUNTED>): Promise<void> =>
    inTransaction(dataSource, async (manager) => {
      for (const { args, blockNumber, blockHash, logIndex } of batch.logs) {
        await manager.query('insert into seen values ($1, $2, $3, $4, $5)', [
          this.cursor.consumer,
          blockNumber,
          blockHash,
          args.word,
          logIndex,
        ]);
      }
      await this.cursor.advance(manager, batch.checkpoint);
      if (this.failing !== undefined) throw this.failing;
    });
  follower: LogFollower<typeof COUNTED>;
  done: Promise<void>;
  /** What ended it, if something other than `stop` did. */
  diedOf: unknown;

  constructor(options: Partial<LogFollowerOptions<typeof COUNTED>> = {}, consumer?: ChainCursorRepository) {
    if (consumer !== undefined) this.cursor = consumer;
    this.follower = new LogFollower({
      chain,
      addresses: () => [emitter],
      abi: COUNTED,
      cursor: this.cursor,
      startBlock: 0n,
      onBlocks: (batch) => this.handle(batch),
      onRollback: (ancestor) =>
        inTransaction(dataSource, async (manager) => {
          this.rollbacks.push(ancestor?.blockNumber);
          await manager.query('delete from seen where consumer = $1 and block_number > $2', [
            this.cursor.consumer,
            ancestor?.blockNumber ?? -1n,
          ]);
          await this.cursor.rewind(manager, ancestor);
        }),
      onTrouble: (error) => this.troubles.push(error),
      ...options,
    });
    this.done = this.follower.run(this.#stop.signal);
    this.done.catch((error: unknown) => (this.diedOf = error));
    followers.push(this);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.done.catch(() => undefined);
  }

  async rows(): Promise<{ word: number; block_hash: string }[]> {
    const rows = await dataSource.query<{ word: string; block_hash: string }[]>(
      'select word, block_hash from seen where consumer = $1 order by block_number, log_index',
      [this.cursor.consumer],
    );
    return rows.map(({ word, block_hash }) => ({ word: Number(word), block_hash }));
  }

  /** Waits until it has handled the newest block of the chain as it is now. */
  async caughtUp(): Promise<void> {
    await until(async () => {
      if (this.diedOf !== undefined) throw this.diedOf;
      const [head, [last]] = await Promise.all([anvil.chain.client.getBlock(), this.cursor.checkpoints()]);
      return last?.blockHash === head.hash;
    });
  }

  async words(): Promise<number[]> {
    await this.caughtUp();
    return (await this.rows()).map(({ word }) => word);
  }
}

async function canonical(): Promise<{ word: number; block_hash: string }[]> {
  const logs = await anvil.chain.client.getLogs({
    address: emitter,
    event: COUNTED[0],
    fromBlock: 0n,
    toBlock: 'latest',
  });
  return logs.map(({ args, blockHash }) => ({ word: Number(args.word), block_hash: blockHash }));
}

describe('LogFollower', () => {
  it('catches up and then follows, every log once and in order', async () => {
    for (const word of [1, 2, 3]) await emit(word);
    const follower = new Follower();
    expect(await follower.words()).toEqual([1, 2, 3]);

    for (const word of [4, 5]) await emit(word);
    expect(await follower.words()).toEqual([1, 2, 3, 4, 5]);
    expect(follower.rollbacks).toEqual([]);
  });

  it('goes on where an earlier process stopped', async () => {
    await emit(1);
    const first = new Follower();
    await first.words();
    await first.stop();
    await emit(2);

    const second = new Follower({}, first.cursor);
    expect(await second.words()).toEqual([1, 2]);
  });

  it('asks for fewer blocks when the node refuses, and for all of them in the end', async () => {
    await test().mine({ blocks: 300 });
    await emit(1);
    await test().mine({ blocks: 300 });
    await emit(2);
    proxy.refuse = ({ method, params }) => {
      const { fromBlock, toBlock } = params[0] as { fromBlock?: string; toBlock?: string };
      const isLarge = method === 'eth_getLogs' && Number(toBlock) - Number(fromBlock) >= 64;
      return isLarge ? 'query returned more than 10000 results' : undefined;
    };
    const follower = new Follower();

    expect(await follower.words()).toEqual([1, 2]);
    const asked = proxy.calls.filter(({ method }) => method === 'eth_getLogs').length;
    expect(asked).toBeLessThan(80);
  });

  it('waits while the node is away and misses nothing', async () => {
    const follower = new Follower();
    await emit(1);
    await follower.words();
    proxy.isDown = true;
    await emit(2);
    await until(async () => follower.troubles.length > 0);
    await emit(3);
    proxy.isDown = false;

    expect(await follower.words()).toEqual([1, 2, 3]);
    expect(follower.troubles[0]).toMatchObject({ code: 'RpcUnavailable', retryable: true });
  });

  it('handles a range again when its transaction failed for a while', async () => {
    const follower = new Follower();
    await follower.words();
    follower.failing = new DomainError('DatabaseUnavailable', 'Down.', { retryable: true });
    await emit(1);
    await until(async () => follower.troubles.length > 1);
    expect(await follower.rows()).toEqual([]);
    follower.failing = undefined;

    expect(await follower.words()).toEqual([1]);
  });

  it('ends when the handler fails for good', async () => {
    const follower = new Follower();
    follower.failing = new Error('a mistake in the handler');

    await expect(follower.done).rejects.toThrow('a mistake in the handler');
  });

  it('goes on where the chain takes a block back that the handler looks up', async () => {
    await test().mine({ blocks: 5 });
    let taken = false;
    const follower = new Follower();
    await follower.words();
    const { handle } = follower;
    follower.handle = async (batch) => {
      if (batch.logs.length > 0 && !taken) {
        await reorg(1, [[{ from: privateKeyToAccount(KEY).address, to: emitter, data: pad(toHex(8)) }, 0]]);
        // Not before: between taking a block away and putting another there, the chain ends at one that has been handled.
        taken = true;
        await anvil.chain.client.getBlock({ blockHash: batch.checkpoint.blockHash });
      }
      await handle(batch);
    };

    // The block may be gone before anybody has seen it mined.
    await wallet().sendTransaction({ to: emitter, data: pad(toHex(7)) });
    await until(async () => taken);

    expect(await follower.words()).toEqual([8]);
    expect(follower.troubles).not.toEqual([]);
  });

  it('rolls back to the common ancestor when the chain reorganises', async () => {
    await emit(1);
    await test().mine({ blocks: 5 });
    const follower = new Follower();
    await emit(2);
    await emit(3);
    await follower.words();
    const { number } = await anvil.chain.client.getBlock();

    await reorg(2, [[{ from: privateKeyToAccount(KEY).address, to: emitter, data: pad(toHex(30)) }, 1]]);

    expect(await follower.words()).toEqual([1, 30]);
    expect(await follower.rows()).toEqual(await canonical());
    expect(follower.rollbacks).toEqual([number - 2n]);
  });

  it('sees a block replaced by another of the same height while it was away', async () => {
    await test().mine({ blocks: 5 });
    await emit(1);
    const first = new Follower();
    await first.words();
    await first.stop();
    await reorg(1);

    const second = new Follower({}, first.cursor);
    expect(await second.words()).toEqual([]);
    expect(second.rollbacks).toHaveLength(1);
  });

  it('sees that blocks were replaced while it was away, however far the chain went on since', async () => {
    await test().mine({ blocks: 5 });
    await emit(1);
    const first = new Follower();
    await first.words();
    await first.stop();
    await reorg(1);
    await test().mine({ blocks: 20 });
    await emit(2);

    const second = new Follower({}, first.cursor);
    expect(await second.words()).toEqual([2]);
    expect(second.rollbacks).toHaveLength(1);
  });

  it('starts over when the whole chain it knew is gone', async () => {
    const follower = new Follower();
    await emit(1);
    await follower.words();
    await follower.stop();
    await dataSource.query(`update chain_cursor set block_hash = '0xdead' where consumer = $1`, [
      follower.cursor.consumer,
    ]);

    const second = new Follower({}, follower.cursor);
    expect(await second.words()).toEqual([1]);
    expect(second.rollbacks).toEqual([undefined]);
  });

  it('looks at once when woken', async () => {
    const follower = new Follower({ pollIntervalMs: 60_000 });
    await follower.words();
    await emit(1);
    follower.follower.wake();

    expect(await follower.words()).toEqual([1]);
  });

  it.each([1, 2, 3])('ends with the chain as it is, whatever happens (random seed %d)', async (seed) => {
    const random = mulberry(seed);
    // Deep enough for every reorganisation below.
    await test().mine({ blocks: 10 });
    let follower = new Follower();
    const { cursor } = follower;
    for (let step = 0; step < 60; step++) {
      const dice = random();
      if (dice < 0.4) await emit(step);
      else if (dice < 0.5) await test().mine({ blocks: 1 + Math.floor(random() * 4) });
      else if (dice < 0.65) await reorg(1 + Math.floor(random() * 4));
      else if (dice < 0.7) proxy.isDown = !proxy.isDown;
      else if (dice < 0.75) {
        // Nobody sees the chain while it changes.
        proxy.isDown = true;
        await reorg(1 + Math.floor(random() * 4));
        await emit(1_000 + step);
        await emit(2_000 + step);
        proxy.isDown = false;
        follower.failing = undefined;
        // At once: a later rollback may well heal what this one left behind.
        await follower.caughtUp();
        expect(await follower.rows()).toEqual(await canonical());
      } else if (dice < 0.85) {
        follower.failing = follower.failing
          ? undefined
          : new DomainError('DatabaseConflict', 'Again.', { retryable: true });
      } else if (dice < 0.95) {
        await follower.stop();
        follower = new Follower({}, cursor);
      } else await new Promise((resolve) => setTimeout(resolve, 30));
    }
    proxy.isDown = false;
    follower.failing = undefined;

    await follower.caughtUp();
    expect(await follower.rows()).toEqual(await canonical());
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 40_000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error('it never happened');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Random numbers that are the same on every run. */
function mulberry(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
