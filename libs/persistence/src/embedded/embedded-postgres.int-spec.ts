import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { makeDatabaseFolder } from '../testing/test-database.js';
import { spawnEmbeddedPostgres, type EmbeddedPostgresProcess } from './spawn-embedded-postgres.js';

const WRITER = fileURLToPath(new URL('../../dist/testing/pair-writer.js', import.meta.url));

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function makeFolder(): Promise<string> {
  const folder = await makeDatabaseFolder({ empty: true });
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function serve(folder?: string, port?: number, transactionIdleMs?: number): Promise<EmbeddedPostgresProcess> {
  const database = await spawnEmbeddedPostgres({ folder: folder ?? (await makeFolder()), port, transactionIdleMs });
  cleanups.push(() => database.kill());
  return database;
}

async function client({ url }: { readonly url: string }, poolSize = 1): Promise<DataSource> {
  const options = {
    type: 'postgres',
    url,
    poolSize,
    installExtensions: false,
    poolErrorHandler: () => undefined,
  } as const;
  const dataSource = await new DataSource(options).initialize();
  cleanups.push(() => (dataSource.isInitialized ? dataSource.destroy() : Promise.resolve()));
  return dataSource;
}

describe('several clients of one embedded database', () => {
  let database: EmbeddedPostgresProcess;
  let folder: string;
  beforeAll(async () => {
    folder = await makeDatabaseFolder({ empty: true });
    database = await spawnEmbeddedPostgres({ folder });
  });
  afterAll(async () => {
    await database?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it('each get the answers to their own questions', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map(() => client(database)));

    const wrong = await Promise.all(
      clients.map(async (each, who) => {
        let count = 0;
        for (let question = 0; question < 100; question++) {
          const [row] = await each.query('select $1::int as question, $2::int as who', [question, who]);
          if (row.question !== question || row.who !== who) count++;
        }
        return count;
      }),
    );
    expect(wrong).toEqual([0, 0, 0, 0]);
  });

  it('do not see into, or roll back, the transactions of others', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => client(database)));
    await clients[0]!.query('create table numbers (who int, n int)');

    await Promise.all(
      clients.map(async (each, who) => {
        for (let n = 0; n < 40; n++) {
          const work = each.transaction(async (manager) => {
            await manager.query('insert into numbers values ($1, $2)', [who, n]);
            const [{ odd }] = await manager.query(
              'select count(*)::int as odd from numbers where n % 2 = 1 and who <> $1',
              [who],
            );
            if (odd > 0) throw new Error('saw what was to be rolled back');
            if (n % 2 === 1) throw new Error('roll back');
          });
          await work.catch((error: Error) => expect(error.message).toBe('roll back'));
        }
      }),
    );

    expect(await clients[0]!.query('select who, count(*)::int as rows from numbers group by who order by who')).toEqual(
      [
        { who: 0, rows: 20 },
        { who: 1, rows: 20 },
        { who: 2, rows: 20 },
      ],
    );
  });

  it('leave nothing behind when they are killed', async () => {
    const watcher = await client(database);
    await watcher.query('create table pairs (writer int, pair int, half int, kept bool)');
    const writers = new Set<ChildProcess>();
    cleanups.push(async () => writers.forEach((writer) => writer.kill('SIGKILL')));
    let started = 0;
    const start = async (): Promise<void> => {
      const writer = spawn(process.execPath, ['--no-warnings', WRITER, database.url, String(started++)], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      writers.add(writer);
      await once(writer.stdout, 'data');
    };
    await Promise.all([start(), start(), start()]);

    for (let kill = 0; kill < 12; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60));
      const [victim] = writers;
      victim!.kill('SIGKILL');
      writers.delete(victim!);
      const [counts] = await watcher.query(
        `select count(*)::int as halves, count(*) filter (where not kept)::int as undone,
           (select count(*)::int from (select 1 from pairs group by writer, pair having count(*) <> 2) odd) as odd from pairs`,
      );
      expect(counts).toMatchObject({ undone: 0, odd: 0 });
      if (kill === 11) expect(counts.halves).toBeGreaterThan(20);
      await start();
    }
  });

  it.each([
    ['a statement that does not parse', parse('selec 1')],
    ['a statement that does', parse('select 1')],
    ['an open transaction', query('begin')],
    ['a failed transaction', Buffer.concat([query('begin'), query('select 1 / 0')])],
    ['something that is not the protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('are not disturbed by one that goes away after %s', async (_, bytes) => {
    const socket = await dial(database.url);
    socket.write(bytes);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();

    const next = await client(database);
    expect(await next.query('select $1::int as answer', [42])).toEqual([{ answer: 42 }]);
  });
});

it('gives the others their turn when a client falls silent inside a transaction', async () => {
  const database = await serve(undefined, undefined, 200);
  const [silent, other] = [await client(database), await client(database)];
  const runner = silent.createQueryRunner();
  await runner.startTransaction();
  await runner.query('create table never (n int)');

  expect(await other.query(`select to_regclass('never') as found`)).toEqual([{ found: null }]);
  await expect(runner.query('select 1')).rejects.toThrow();
  expect(await silent.query('select 1 as one')).toEqual([{ one: 1 }]);
});

describe('the process', () => {
  it('refuses a folder that another serves, naming it', async () => {
    const folder = await makeFolder();
    const { pid } = await serve(folder);

    await expect(serve(folder)).rejects.toMatchObject({ code: 'DataFolderInUse', data: { pid, folder } });
  });

  it('keeps what was committed when it is killed', async () => {
    const folder = await makeFolder();
    const first = await serve(folder);
    const before = await client(first);
    await before.query('create table kept (n int)');
    for (let n = 0; n < 50; n++) await before.query('insert into kept values ($1)', [n]);
    const unfinished = before.transaction(async (manager) => {
      await manager.query('insert into kept values (1000)');
      await first.kill();
      await manager.query('insert into kept values (1001)');
    });
    await expect(unfinished).rejects.toThrow();

    const after = await client(await serve(folder));
    expect(await after.query('select count(*)::int as rows, max(n) as last from kept')).toEqual([
      { rows: 50, last: 49 },
    ]);
  });

  it('closes cleanly on SIGTERM and leaves the folder free', async () => {
    const folder = await makeFolder();
    const first = await serve(folder);
    await (await client(first)).query('create table kept (n int)');
    await first.stop();

    expect(await (await client(await serve(folder))).query(`select to_regclass('kept')::text as found`)).toEqual([
      { found: 'kept' },
    ]);
  });

  it('ends when its parent is killed', async () => {
    const folder = await makeFolder();
    const program = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
    const script = `const { spawnEmbeddedPostgres } = await import(process.argv[1]);
      const { pid, url } = await spawnEmbeddedPostgres({ folder: process.argv[2] });
      console.log(url); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script, program, folder]);
    const url = String((await once(parent.stdout, 'data'))[0]).trim();
    parent.kill('SIGKILL');

    for (let isUp = true; isUp;) {
      await dial(url).then(
        (socket) => socket.destroy(),
        () => (isUp = false),
      );
    }
    await serve(folder);
  });
});

// The wire protocol, by hand: what no client library would do.

async function dial(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(parameters.length + 8);
  head.writeInt32BE(196_608, 4);
  socket.write(Buffer.concat([head, parameters]));
  return socket;
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function parse(sql: string): Buffer {
  return message('P', Buffer.from(`\0${sql}\0\0\0`));
}

function query(sql: string): Buffer {
  return message('Q', Buffer.from(`${sql}\0`));
}
