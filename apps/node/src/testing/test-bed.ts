import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringifyDeployment } from '@openimo/contracts';
import { FolderModelStore, RunnerPool } from '@openimo/inference';
import { digits } from '@openimo/models';
import { type EmbeddedPostgresProcess, spawnEmbeddedPostgres } from '@openimo/persistence';
import { makeDatabaseFolder, type TestDatabaseOptions } from '@openimo/persistence/testing';
import { bytesToHex, type Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { NodeProcess } from './node-process.js';
import type { TestChain } from './test-chain.js';

/** An operator's key and settings; several processes may follow one another on it. */
export interface Operator {
  readonly address: `0x${string}`;
  readonly env: Record<string, string>;
}

/** Database, model store and files that operators of one chain share. */
export class TestBed {
  readonly #nodes = new Set<NodeProcess>();

  private constructor(
    readonly folder: string,
    readonly chain: TestChain,
    public database: EmbeddedPostgresProcess,
    readonly store: FolderModelStore,
  ) {}

  static async start(chain: TestChain, options: TestDatabaseOptions = {}): Promise<TestBed> {
    const folder = await mkdtemp(join(tmpdir(), 'openimo-node-'));
    await rename(await makeDatabaseFolder(options), join(folder, 'database'));
    const database = await spawnEmbeddedPostgres({ folder: join(folder, 'database') });
    await writeFile(join(folder, 'deployment.json'), stringifyDeployment(chain.deployment));
    const store = await FolderModelStore.open(join(folder, 'models'));
    await store.put(await readFile(digits.modelPath));
    return new TestBed(folder, chain, database, store);
  }

  async operator(name: string, ether = '50', more: Record<string, string> = {}): Promise<Operator> {
    const key = generatePrivateKey();
    const { address } = privateKeyToAccount(key);
    await this.chain.fund(address, ether);
    const env = {
      OPENIMO_NAME: name,
      OPENIMO_RPC_URL: this.chain.anvil.rpcUrl,
      OPENIMO_DATABASE_URL: this.database.url,
      OPENIMO_DEPLOYMENT: join(this.folder, 'deployment.json'),
      OPENIMO_MODELS: join(this.folder, 'models'),
      OPENIMO_SIGNER_KEY: key,
      OPENIMO_STAKE: '5',
      OPENIMO_LOG_LEVEL: 'debug',
      OPENIMO_COLLECT_EVERY: '2',
      OPENIMO_LEASE_MS: '600',
      OPENIMO_POLL_MS: '100',
      ...more,
    };
    return { address, env };
  }

  /** What the digits model says, run here. */
  async answerTo(...items: readonly Uint8Array[]): Promise<Hex[]> {
    const runner = new RunnerPool({ store: this.store });
    try {
      const model = this.chain.fileHash;
      return await Promise.all(items.map(async (item) => bytesToHex(await runner.run(model, item))));
    } finally {
      await runner.close();
    }
  }

  run(operator: Operator): NodeProcess {
    const node = new NodeProcess(operator.env);
    this.#nodes.add(node);
    return node;
  }

  /** Starts the database again on the same port. */
  async restartDatabase(): Promise<void> {
    const port = Number(new URL(this.database.url).port);
    this.database = await spawnEmbeddedPostgres({ folder: join(this.folder, 'database'), port });
  }

  async end(): Promise<void> {
    await Promise.all([...this.#nodes].map((node) => node.kill()));
    await this.database.kill();
    await this.chain.anvil.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What GET on the node's health server answers. */
export async function get(port: number, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
