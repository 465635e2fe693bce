import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@openimo/chain';
import { stringifyDeployment } from '@openimo/contracts';
import {
  type DataSource,
  type EmbeddedPostgresProcess,
  IndexStateEntity,
  openDatabase,
  spawnEmbeddedPostgres,
} from '@openimo/persistence';
import { makeDatabaseFolder, startTestDatabase } from '@openimo/persistence/testing';
import { dumpTables, LyingNode, ServiceProcess, Story, TestChain } from '@openimo/testing';

const mainOf = (app: string) => fileURLToPath(new URL(`../../../apps/${app}/dist/main.js`, import.meta.url));
const PATIENCE_MS = 120_000;

interface Database {
  readonly url: string;
  readonly embedded?: { process: EmbeddedPostgresProcess; readonly folder: string };
  drop(): Promise<void>;
}

/** Chain, node, database, indexer and API as production runs them, and a hand on each to break it. */
export class ReadSide {
  readonly story: Story;
  readonly #processes = new Set<ServiceProcess<unknown>>();
  readonly #running: { indexer?: ServiceProcess<unknown>; api?: ServiceProcess<unknown> } = {};

  private constructor(
    readonly chain: TestChain,
    /** Between the chain and everybody who reads it. */
    readonly node: LyingNode,
    private readonly database: Database,
    private readonly folder: string,
    private readonly apiPort: number,
  ) {
    this.story = new Story(chain);
  }

  static async start(random: () => number): Promise<ReadSide> {
    const chain = await TestChain.start();
    const [node, database, folder, apiPort] = await Promise.all([
      LyingNode.start(chain.anvil.rpcUrl, random),
      startDatabase(),
      mkdtemp(join(tmpdir(), 'openimo-read-side-')),
      freePort(),
    ]);
    await writeFile(join(folder, 'deployment.json'), stringifyDeployment(chain.deployment));
    return new ReadSide(chain, node, database, folder, apiPort);
  }

  get graphql(): string {
    return `http://127.0.0.1:${this.apiPort}/graphql`;
  }

  startIndexer(): ServiceProcess<unknown> {
    return (this.#running.indexer = this.#spawn('indexer', this.node.rpcUrl, this.database.url));
  }

  startApi(): ServiceProcess<unknown> {
    return (this.#running.api = this.#spawn('api', this.node.rpcUrl, this.database.url));
  }

  /** kill -9, wherever it is, and a new one. */
  async restart(app: 'indexer' | 'api'): Promise<void> {
    await this.#running[app]?.kill();
    if (app === 'indexer') this.startIndexer();
    else this.startApi();
  }

  /** kill -9 of the database and a new one, or, on a server, the end of everybody's connections. */
  async breakDatabase(): Promise<void> {
    const { embedded, url } = this.database;
    if (embedded !== undefined) {
      await embedded.process.kill();
      embedded.process = await spawnEmbeddedPostgres({ folder: embedded.folder, port: Number(new URL(url).port) });
      return;
    }
    await this.withTables((tables) =>
      tables.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      ),
    );
  }

  async reorg(depth: number): Promise<void> {
    await this.chain.client.request({ method: 'anvil_reorg' as never, params: [depth, []] as never });
  }

  /** Until the read model is at the head of the chain as it is now, and GraphQL says so. */
  async caughtUp(): Promise<void> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      const head = await this.chain.client.getBlock();
      const state = await this.withTables((tables) => tables.manager.find(IndexStateEntity)).catch(() => []);
      if (state[0]?.blockHash === head.hash && state[0].headBlock === head.number) {
        const meta = await this.ask<{ _meta: { indexedBlock: string } }>('{ _meta { indexedBlock } }').catch(
          () => undefined,
        );
        if (meta?._meta.indexedBlock === head.number.toString()) return;
      }
      if (Date.now() > giveUpAt)
        throw new Error(`stuck at ${state[0]?.blockNumber} of ${head.number}\n${this.#said()}`);
      await sleep(50);
    }
  }

  async ask<Data>(query: string): Promise<Data> {
    const response = await fetch(this.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return ((await response.json()) as { data: Data }).data;
  }

  async withTables<T>(work: (tables: DataSource) => Promise<T>): Promise<T> {
    const tables = await openDatabase(this.database.url, { migrate: false });
    try {
      return await work(tables);
    } finally {
      await tables.destroy();
    }
  }

  /** Everything that follows from the chain, as text. */
  tables(): Promise<Record<string, string[]>> {
    return this.withTables(dumpTables);
  }

  /** The same, as an indexer makes it that nobody disturbs. */
  async undisturbedTables(): Promise<Record<string, string[]>> {
    const calm = await startTestDatabase();
    try {
      const code = await this.#spawn('indexer', this.chain.anvil.rpcUrl, calm.url, ['rebuild']).exit();
      if (code !== 0) throw new Error(`the undisturbed indexer ended with ${code}`);
      const tables = await openDatabase(calm.url, { migrate: false });
      return await dumpTables(tables).finally(() => tables.destroy());
    } finally {
      await calm.drop();
    }
  }

  async stopServices(): Promise<void> {
    await Promise.all([...this.#processes].map((each) => each.kill()));
  }

  async end(): Promise<void> {
    await this.stopServices();
    await this.database.drop();
    await this.node.close();
    await this.chain.anvil.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  #spawn(app: 'indexer' | 'api', rpcUrl: string, databaseUrl: string, args: readonly string[] = []) {
    const child = new ServiceProcess<unknown>({
      script: mainOf(app),
      args,
      env: {
        OPENIMO_NAME: app,
        OPENIMO_RPC_URL: rpcUrl,
        OPENIMO_DATABASE_URL: databaseUrl,
        OPENIMO_DEPLOYMENT: join(this.folder, 'deployment.json'),
        OPENIMO_MODELS: join(this.folder, 'models'),
        OPENIMO_HTTP_PORT: app === 'api' ? String(this.apiPort) : '0',
        OPENIMO_POLL_MS: '50',
        OPENIMO_RPC_TIMEOUT_MS: '400',
        OPENIMO_SHORTER_MS: '200',
        OPENIMO_MAX_BLOCKS: '40',
      },
    });
    this.#processes.add(child);
    return child;
  }

  #said(): string {
    return Object.entries(this.#running)
      .flatMap(([app, child]) => [
        `${app}: ${child.stderr}`,
        ...child.lines.slice(-8).map((line) => JSON.stringify(line)),
      ])
      .join('\n');
  }
}

async function startDatabase(): Promise<Database> {
  if (process.env['DATABASE_URL']) return startTestDatabase();
  const folder = await makeDatabaseFolder();
  const embedded = { process: await spawnEmbeddedPostgres({ folder }), folder };
  return {
    url: embedded.process.url,
    embedded,
    drop: async () => {
      await embedded.process.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
