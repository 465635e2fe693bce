import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringifyDeployment } from '@openimo/contracts';
import { type DataSource, openDatabase } from '@openimo/persistence';
import { startTestDatabase, type TestDatabase } from '@openimo/persistence/testing';
import { Story, TestChain } from '@openimo/testing';

/** The built indexer: an app is no library, so it runs as a process, as it does in production. */
const INDEXER = fileURLToPath(new URL('../../../indexer/dist/main.js', import.meta.url));

/** A chain, a database, and the indexer between the two. */
export class IndexedChain {
  readonly story: Story;
  #indexer: ChildProcess | undefined;

  private constructor(
    readonly chain: TestChain,
    readonly database: TestDatabase,
    readonly dataSource: DataSource,
    private readonly folder: string,
  ) {
    this.story = new Story(chain);
  }

  /** Nothing has happened on it yet. */
  static async start(): Promise<IndexedChain> {
    const [chain, database] = await Promise.all([TestChain.start(), startTestDatabase()]);
    const folder = await mkdtemp(join(tmpdir(), 'openimo-api-'));
    await writeFile(join(folder, 'deployment.json'), stringifyDeployment(chain.deployment));
    return new IndexedChain(chain, database, await openDatabase(database.url), folder);
  }

  /** Everything that can happen did, and is indexed. */
  static async withStory(): Promise<IndexedChain> {
    const indexed = await IndexedChain.start();
    await indexed.story.tell();
    await indexed.index();
    return indexed;
  }

  get env(): Record<string, string> {
    return {
      OPENIMO_RPC_URL: this.chain.anvil.rpcUrl,
      OPENIMO_DATABASE_URL: this.database.url,
      OPENIMO_DEPLOYMENT: join(this.folder, 'deployment.json'),
      OPENIMO_MODELS: join(this.folder, 'models'),
      OPENIMO_LOG_LEVEL: 'error',
    };
  }

  /** Reads what there is, from the start. */
  async index(): Promise<void> {
    const [code] = (await once(this.#spawn(['rebuild']), 'exit')) as [number | null];
    if (code !== 0) throw new Error(`the indexer ended with ${code}`);
  }

  /** From now on the read model follows the chain. */
  async follow(): Promise<void> {
    this.#indexer = this.#spawn([]);
    await once(this.#indexer, 'message');
  }

  async close(): Promise<void> {
    if (this.#indexer?.exitCode === null) {
      this.#indexer.kill('SIGTERM');
      await once(this.#indexer, 'exit');
    }
    await this.dataSource.destroy();
    await this.database.drop();
    await this.chain.anvil.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  #spawn(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, ['--no-warnings', INDEXER, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...this.env, OPENIMO_POLL_MS: '50' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }
}
