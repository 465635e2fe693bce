import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnEmbeddedPostgres, type EmbeddedPostgresProcess } from '@openimo/persistence';
import { makeDatabaseFolder, startTestDatabase } from '@openimo/persistence/testing';
import { createTestClient, http, pad, toHex } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import type { Address, Hex } from '@openimo/domain';
import { freePort, startAnvil, type Anvil } from '../anvil/start-anvil.js';
import { LocalKeySigner } from '../signer/local-key-signer.js';
import { COUNTER_CODE } from '../testing/contracts.js';
import { MemoryTransactionStore } from './memory-transaction-store.js';
import { TransactionManager } from './transaction-manager.js';

const PROGRAM = fileURLToPath(new URL('../../dist/testing/submit-counts.js', import.meta.url));

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function fund(anvil: Anvil, address: Address): Promise<void> {
  const test = createTestClient({ mode: 'anvil', chain: anvil.chain.client.chain, transport: http(anvil.rpcUrl) });
  await test.setBalance({ address, value: 10n ** 21n });
}

async function deployCounter(anvil: Anvil): Promise<Address> {
  const signer = new LocalKeySigner(generatePrivateKey(), 31_337);
  await fund(anvil, signer.address);
  const store = new MemoryTransactionStore(31_337, signer.address);
  const manager = new TransactionManager({ chain: anvil.chain, signer, store });
  await manager.start();
  const { minedHash } = await manager.execute({ key: 'deploy', to: null, data: COUNTER_CODE });
  await manager.stop();
  return (await anvil.chain.client.getTransactionReceipt({ hash: minedHash! })).contractAddress!;
}

async function counts(anvil: Anvil, counter: Address, count: number): Promise<number[]> {
  const slots = Array.from({ length: count }, (_, word) => pad(toHex(word)));
  const values = await Promise.all(slots.map((slot) => anvil.chain.client.getStorageAt({ address: counter, slot })));
  return values.map(Number);
}

/** One life of the program; ends by itself, or when `kill` is called. */
class Life {
  readonly #child: ChildProcess;
  readonly exited: Promise<unknown>;
  isDone = false;
  printed = 0;
  #onLine: () => void = () => undefined;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--no-warnings', PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Not 'exit': the last lines may come after it.
    this.exited = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.printed++;
      if (line === 'done') this.isDone = true;
      this.#onLine();
    });
  }

  /** Resolves after so many lines, or at the end. */
  async lines(count: number): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      this.#onLine = () => this.printed >= count && resolve();
      this.#onLine();
    });
    await Promise.race([reached, this.exited]);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}

it('executes every transaction exactly once, wherever between two effects its process is killed', async () => {
  const [count, deaths] = [40, 14];
  const database = await startTestDatabase();
  cleanups.push(() => database.drop());
  const anvil = await startAnvil();
  cleanups.push(() => anvil.kill());
  const counter = await deployCounter(anvil);
  const privateKey = generatePrivateKey();
  const { address } = new LocalKeySigner(privateKey, 31_337);
  await fund(anvil, address);

  for (let dieAt = 1; dieAt <= deaths; dieAt++) {
    const life = new Life([anvil.rpcUrl, database.url, privateKey, counter, String(count), String(dieAt)]);
    cleanups.push(() => life.kill());
    await life.exited;
    expect([dieAt, life.isDone]).toEqual([dieAt, false]);
  }
  const last = new Life([anvil.rpcUrl, database.url, privateKey, counter, String(count)]);
  cleanups.push(() => last.kill());
  await last.exited;

  expect(await counts(anvil, counter, count)).toEqual(Array(count).fill(1));
  expect(await anvil.chain.client.getTransactionCount({ address })).toBe(count);
});

it('executes every transaction exactly once when process, chain and database are killed in turn', async () => {
  const count = 60;
  const folder = await makeDatabaseFolder();
  const state = await mkdtemp(join(tmpdir(), 'openimo-anvil-'));
  cleanups.push(() => Promise.all([folder, state].map((each) => rm(each, { recursive: true, force: true }))));
  const [databasePort, anvilPort] = [await freePort(), await freePort()];
  let database: EmbeddedPostgresProcess = await spawnEmbeddedPostgres({ folder, port: databasePort });
  cleanups.push(() => database.kill());
  const onAnvil = () => startAnvil({ port: anvilPort, statePath: join(state, 'chain.json'), stateIntervalSeconds: 1 });
  let anvil = await onAnvil();
  cleanups.push(() => anvil.kill());
  const counter = await deployCounter(anvil);
  const privateKey: Hex = generatePrivateKey();
  const { address } = new LocalKeySigner(privateKey, 31_337);
  await fund(anvil, address);
  // What the counter and the funds are, no crash may lose.
  await anvil.stop();
  anvil = await onAnvil();

  const start = (): Life => new Life([anvil.rpcUrl, database.url, privateKey, counter, String(count)]);
  let life = start();
  cleanups.push(() => life.kill());
  for (let round = 0; round < 6 && !life.isDone; round++) {
    await life.lines(life.printed + 1 + Math.floor(Math.random() * 6));
    if (life.isDone) break;
    if (round % 3 === 0) {
      await life.kill();
      life = start();
    } else if (round % 3 === 1) {
      await anvil.kill();
      anvil = await onAnvil();
    } else {
      await database.kill();
      database = await spawnEmbeddedPostgres({ folder, port: databasePort });
    }
  }
  await life.exited;
  expect(life.isDone).toBe(true);

  // What anvil lost last may have been confirmed before: whoever starts next puts it back.
  await anvil.kill();
  anvil = await onAnvil();
  life = start();
  await life.exited;
  expect(await counts(anvil, counter, count)).toEqual(Array(count).fill(1));
  expect(await anvil.chain.client.getTransactionCount({ address })).toBe(count);
});
