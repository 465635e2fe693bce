import { type DataSource, openDatabase, OutboxRepository, revertLastMigration, runMigrations } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { MIGRATIONS } from './index.js';
import { Payers1700000000004 } from './1700000000004-payers.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

it('a read model that does not know its payers is filled anew, and consumers of the outbox are told', async () => {
  const since = MIGRATIONS.slice(MIGRATIONS.indexOf(Payers1700000000004 as never));
  for (let i = 0; i < since.length; i++) await revertLastMigration(dataSource);
  await dataSource.query(`insert into index_state (chain_id, genesis_hash, deployment, start_block, generation, block_number, fork,
    outbox_position, updated_at) values (31337, '0x00', 'one', 0, 1, 7, 2, 5, now())`);
  await dataSource.query(`insert into holders values ('0xaa', 1, 3, now())`);

  await runMigrations(dataSource);

  expect(await dataSource.query('select count(*)::int as count from holders')).toEqual([{ count: 0 }]);
  const [state] = await dataSource.query<[Record<string, unknown>]>('select * from index_state');
  expect(state).toMatchObject({ block_number: null, fork: '3', outbox_position: '6', generation: '1' });
  expect(await new OutboxRepository(dataSource).after(5n)).toMatchObject([
    { position: 6n, kind: 'reset', eventId: '3:reset', blockNumber: 0n },
  ]);
});
