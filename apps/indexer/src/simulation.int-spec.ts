import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringifyDeployment } from '@openimo/contracts';
import { DisputeStory } from '@openimo/disputes/testing';
import {
  type DataSource,
  type EmbeddedPostgresProcess,
  IndexStateEntity,
  openDatabase,
  spawnEmbeddedPostgres,
} from '@openimo/persistence';
import { makeDatabaseFolder, startTestDatabase, type TestDatabase } from '@openimo/persistence/testing';
import { expectSoundOutbox, FAULTS, LyingNode, seeded, Story, TestChain } from '@openimo/testing';
import { expectUndisturbedTables } from './testing/expect-same.js';
import { IndexerProcess } from './testing/indexer-process.js';

const MINUTES = 60_000;
const DEEP = process.env['OPENIMO_DEEP'] !== undefined;
/** Each seed is another story of faults. */
const SEEDS = DEEP ? [1, 2, 3, 4, 5, 6, 7, 8] : [1];
/** Reorganisation depths; 20 is the deepest promised. */
const DEPTHS = DEEP ? Array.from({ length: 20 }, (_, index) => index + 1) : [1, 3, 20];

/** One indexer process on one database, and everything that can go wrong around it. */
class World {
  readonly #processes = new Set<IndexerProcess>();
  #process: IndexerProcess | undefined;
  readonly disputes: DisputeStory;

  private constructor(
    readonly chain: TestChain,
    readonly story: Story,
    readonly node: LyingNode,
    private readonly folder: string,
    private readonly databaseUrl: string,
    private readonly dropDatabase: () => Promise<void>,
    private embedded: { process: EmbeddedPostgresProcess; readonly folder: string } | undefined,
    private dataSource: DataSource,
  ) {
    this.disputes = new DisputeStory(chain);
  }

  static async create(random: () => number): Promise<World> {
    const chain = await TestChain.start();
    const node = await LyingNode.start(chain.anvil.rpcUrl, random);
    const folder = await mkdtemp(join(tmpdir(), 'openimo-indexer-'));
    await writeFile(join(folder, 'deployment.json'), stringifyDeployment(chain.deployment));
    if (process.env['DATABASE_URL']) {
      const server: TestDatabase = await startTestDatabase();
      const dataSource = await openDatabase(server.url);
      return new World(chain, new Story(chain), node, folder, server.url, server.drop, undefined, dataSource);
    }
    const data = await makeDatabaseFolder();
    const child = await spawnEmbeddedPostgres({ folder: data });
    const drop = () => rm(data, { recursive: true, force: true });
    const dataSource = await openDatabase(child.url);
    const embedded = { process: child, folder: data };
    return new World(chain, new Story(chain), node, folder, child.url, drop, embedded, dataSource);
  }

  start(args: readonly string[] = []): IndexerProcess {
    this.#process = new IndexerProcess(
      {
        OPENIMO_RPC_URL: this.node.rpcUrl,
        OPENIMO_DATABASE_URL: this.databaseUrl,
        OPENIMO_DEPLOYMENT: join(this.folder, 'deployment.json'),
        OPENIMO_LOG_LEVEL: 'debug',
        OPENIMO_POLL_MS: '20',
        OPENIMO_RPC_TIMEOUT_MS: '400',
        OPENIMO_SHORTER_MS: '200',
        OPENIMO_MAX_BLOCKS: '40',
      },
      args,
    );
    this.#processes.add(this.#process);
    return this.#process;
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** kill -9 of the database, or, on a server, of everybody's connections. */
  async breakDatabase(): Promise<void> {
    if (this.embedded === undefined) {
      await this.dataSource
        .query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        )
        .catch(() => undefined);
      return;
    }
    const port = Number(new URL(this.databaseUrl).port);
    const { process: child, folder } = this.embedded;
    await this.dataSource.destroy();
    await child.kill();
    this.embedded.process = await spawnEmbeddedPostgres({ folder, port });
    this.dataSource = await openDatabase(this.databaseUrl, { migrate: false });
  }

  get tables(): DataSource {
    return this.dataSource;
  }

  async reorg(depth: number): Promise<void> {
    await this.chain.client.request({ method: 'anvil_reorg' as never, params: [depth, []] as never });
  }

  async caughtUp(): Promise<void> {
    const giveUpAt = Date.now() + 60_000;
    for (;;) {
      const head = await this.chain.client.getBlock();
      const [state] = await this.dataSource.manager.find(IndexStateEntity).catch(() => []);
      if (state?.blockHash === head.hash && state.headBlock === head.number) return;
      if (Date.now() > giveUpAt) {
        throw new Error(
          `stuck at ${state?.blockNumber} of ${head.number}: ${this.#process?.stderr}\n` +
            this.#process?.lines
              .slice(-20)
              .map((line) => JSON.stringify(line))
              .join('\n'),
        );
      }
      await sleep(30);
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.#processes].map((indexer) => indexer.kill()));
    await this.dataSource.destroy();
    await this.embedded?.process.kill();
    await this.dropDatabase();
    await this.node.close();
    await this.chain.anvil.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

let world: World;
afterEach(() => world?.end());

describe('whatever happens, the tables end as those of an undisturbed run', () => {
  it.each(SEEDS)(
    'kills, lies, reorganisations, outages (random seed %d)',
    async (seed) => {
      const random = seeded(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
      world = await World.create(random);
      const { chain, story, node, disputes } = world;
      await story.publish();
      await story.serve();
      await disputes.publish();
      const sold = await story.offer(2n);
      await story.sell(sold);
      const open = await story.offer(1n);
      await chain.passSeconds(6);
      world.start();
      await world.caughtUp();

      const holders = ['alice', 'bob', 'developer'] as const;
      const acts: readonly (() => Promise<unknown>)[] = [
        () => story.commit(pick(holders), open, String(1 + Math.floor(random() * 3))),
        () => story.transfer('alice', sold, chain.addressOf(pick(holders)), BigInt(1 + Math.floor(random() * 1e6))),
        () => story.transfer('bob', sold, chain.addressOf('idler'), 3n),
        () => story.distribute(pick([1n, 2n]), BigInt(1 + Math.floor(random() * 1e9))),
        () => story.request(undefined),
        () => story.answer(1n),
        () => disputes.quarrel(),
        async () => disputes.challengeAlso(pick(['bob', 'carol']), pick(disputes.quarrels).match.subject),
        ...Array.from({ length: 4 }, () => async () => disputes.move(disputes.quarrels.at(-1)!)),
        async () => disputes.playOut(disputes.quarrels.at(-1)!),
        async () => {
          await chain.passSeconds(130);
          await disputes.timeout(pick(disputes.quarrels));
        },
        () =>
          disputes.withdraw(
            'alice',
            disputes.quarrels.map(({ match }) => match.subject),
          ),
        () => story.publish(),
        () => story.sell(open),
        () => story.offer(1n),
        () => chain.test.mine({ blocks: 1 + Math.floor(random() * 5) }),
      ];
      const reorg = () => world.reorg(1 + Math.floor(random() ** 2 * 20));
      const lie = async () => {
        node.faults = new Set([pick(FAULTS), pick(FAULTS), pick(FAULTS)]);
        node.chance = 0.1 + random() * 0.4;
      };
      const faults: readonly (() => Promise<unknown>)[] = [
        lie,
        async () => {
          await world.kill();
          world.start();
        },
        () => world.breakDatabase(),
        () => sleep(random() * 500),
      ];
      // Left to chance, a run might have none.
      await lie();
      while (node.lies === 0) await sleep(10);
      for (let round = 0; round < 16; round++) {
        // What does not fit the moment is refused by the contracts, as in life.
        for (let i = random() * 6; i > 0; i--) await pick(acts)().catch(() => undefined);
        await pick(faults)();
        for (let i = random() * 4; i > 0; i--) await pick(acts)().catch(() => undefined);
        await sleep(random() * 300);
        if (random() < 0.5) await reorg();
        if (random() < 0.4) {
          node.chance = 0;
          await world.caughtUp();
          if (random() < 0.7) await reorg();
        }
      }
      node.chance = 0;
      await chain.test.mine({ blocks: 1 });
      await world.caughtUp();
      await world.kill();

      await expectUndisturbedTables(chain, world.tables);
      const rows = await expectSoundOutbox(world.tables);
      expect(rows.some(({ kind }) => kind === 'retracted')).toBe(true);
      expect(node.lies).toBeGreaterThan(0);
    },
    8 * MINUTES,
  );

  it(
    'reorganisations from one block to twenty',
    async () => {
      world = await World.create(seeded(9));
      const { chain, story, disputes } = world;
      await story.publish();
      await story.serve();
      await disputes.publish();
      const sale = await story.offer(2n);
      await story.sell(sale);
      world.start();
      await world.caughtUp();
      for (const depth of DEPTHS) {
        const quarrel = await disputes.quarrel();
        for (let i = 0; i < depth; i++) {
          if (i % 2 === 0) await disputes.move(quarrel);
          else if (i % 3 === 0) await story.transfer('alice', sale, chain.addressOf('idler'), BigInt(depth + i + 1));
          else if (i % 3 === 1) await story.distribute(2n, BigInt(1_000 * depth + i));
          else await story.request(undefined);
        }
        await world.caughtUp();
        await world.reorg(depth);
        await world.caughtUp();
      }
      await story.transfer('alice', sale, chain.addressOf('idler'), 7n);
      await world.caughtUp();
      await world.kill();

      await expectUndisturbedTables(chain, world.tables);
      const rows = await expectSoundOutbox(world.tables);
      expect(rows.filter(({ kind }) => kind === 'retracted').length).toBeGreaterThan(DEPTHS.length);
    },
    8 * MINUTES,
  );
});

describe('a rebuild', () => {
  it(
    'from the start, and of the last blocks, gives the same tables and repeats no news',
    async () => {
      world = await World.create(seeded(4));
      const { chain, story } = world;
      await story.publish();
      world.start();
      await world.caughtUp();
      await story.serve();
      const sale = await story.offer(2n);
      await story.sell(sale);
      await chain.test.mine({ blocks: 70 });
      await story.earn(sale);
      await world.caughtUp();
      await world.kill();
      const head = await chain.client.getBlockNumber();
      const [{ liveAfter }] = (await world.tables.manager.find(IndexStateEntity)) as [IndexStateEntity];

      for (const args of [['--from', String(head - 5n)], [], ['--to', String(head)]]) {
        expect(await world.start(['rebuild', ...args]).exit()).toBe(0);
        await expectUndisturbedTables(chain, world.tables);
        await expectSoundOutbox(world.tables, liveAfter!);
      }
    },
    8 * MINUTES,
  );
});
