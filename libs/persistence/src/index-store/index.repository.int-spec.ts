import {
  ClaimEntity,
  FamilyEntity,
  HoldingEntity,
  INDEX_ENTITIES,
  IndexRepository,
  openDatabase,
  OutboxRepository,
  READ_MODEL_ENTITIES,
  revertLastMigration,
  runMigrations,
  UndoRecord,
  type Block,
  type DataSource,
  type EntityClass,
  type IndexCommit,
} from '../index.js';
import { MIGRATIONS } from '../migrations/index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';

const IDENTITY = { chainId: 31_337, genesisHash: '0xaa', deployment: 'one', startBlock: 0n } as const;
const TOKEN = '0x00000000000000000000000000000000000000a1';
const ALICE = '0x00000000000000000000000000000000000000b1';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
});
beforeEach(async () => {
  await dataSource.query(`truncate ${INDEX_ENTITIES.map((entity) => nameOf(entity)).join(', ')}`);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function nameOf(entity: EntityClass): string {
  return dataSource.getMetadata(entity).tableName;
}

async function writer(): Promise<IndexRepository> {
  const index = new IndexRepository(dataSource);
  await index.takeOver(IDENTITY);
  return index;
}

function block(number: number, fork = 'a'): Block {
  const hash = (of: number) => `0x${Buffer.from(`${fork}${of}`).toString('hex').padStart(64, '0')}` as const;
  return { number: BigInt(number), hash: hash(number), parentHash: hash(number - 1), at: new Date(number * 1_000) };
}

/** A block in which Alice's balance becomes `balance` and she claims that much. */
function commit(
  index: IndexRepository,
  at: Block,
  balance: bigint,
  before?: HoldingEntity,
  finalized?: bigint,
): IndexCommit {
  const after: HoldingEntity = { token: TOKEN, holder: ALICE, balance, sharing: null, firstBlock: 1n };
  const undo = new UndoRecord(at.number);
  undo.add(index.tables.of(HoldingEntity), after, before);
  const claim: ClaimEntity = {
    ...{ blockNumber: at.number, logIndex: 0, transactionHash: '0x01', at: at.at },
    ...{ token: TOKEN, account: ALICE, asset: TOKEN, to: ALICE, amount: balance },
  };
  return {
    blocks: [at],
    logs: [
      {
        ...{ blockHash: at.hash, logIndex: 0, blockNumber: at.number, transactionHash: '0x01', transactionIndex: 0 },
        ...{ address: TOKEN, topics: '0x', data: '0xff00' },
      },
    ],
    changed: new Map<EntityClass, object[]>([[HoldingEntity, [after]]]),
    events: new Map<EntityClass, object[]>([[ClaimEntity, [claim]]]),
    undo: [undo],
    news: [
      {
        ...{ blockNumber: at.number, blockHash: at.hash, logIndex: 0, event: 'RevenueClaimed', at: at.at },
        ...{ subject: 'token', subjectId: TOKEN, account: ALICE },
      },
    ],
    finality: { headBlock: at.number, finalizedBlock: finalized },
  };
}

const holding = (index: IndexRepository) => index.find(HoldingEntity, [{ token: TOKEN, holder: ALICE }]);
const outbox = async () =>
  (await new OutboxRepository(dataSource).after(0n)).map(({ kind, blockNumber }) => [kind, blockNumber]);

describe('the schema', () => {
  it('is what the entities say', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    const ours = INDEX_ENTITIES.map((entity) => `"${nameOf(entity)}"`);
    const changes = upQueries.map(({ query }) => query).filter((query) => /COLUMN|CREATE TABLE|DROP TABLE/.test(query));

    expect(changes.filter((query) => ours.some((name) => query.includes(name)))).toEqual([]);
  });

  it('goes and comes back', async () => {
    const [, ...sinceReadModel] = MIGRATIONS;
    for (let i = 0; i < sinceReadModel.length; i++) await revertLastMigration(dataSource);
    expect(await dataSource.query(`select to_regclass('families') as t`)).toEqual([{ t: null }]);
    await runMigrations(dataSource);
    for (const entity of INDEX_ENTITIES as readonly EntityClass[]) {
      expect(await dataSource.manager.count(entity)).toBe(0);
    }
  });
});

describe('rows', () => {
  it('come back as they were written, whatever text they hold', async () => {
    const index = await writer();
    const family: FamilyEntity = {
      ...{ familyId: 2n ** 255n, name: `a "quoted", {curly} \\ null ü\n`, publisher: ALICE, pendingPublisher: null },
      ...{ token: null, operatorBps: 1, publisherBps: 2, nextPublisherBps: 3, nextPublisherBpsAt: new Date(5) },
      ...{ lineageBps: 0, holdersFloorBps: 9_000, assets: [TOKEN], versionCount: 0, offeringCount: 0, requestCount: 0 },
      ...{ createdBlock: 1n, createdAt: new Date(1_700_000_000_123) },
    };
    const table = index.tables.of(FamilyEntity);
    await table.upsert(dataSource.manager, [
      family,
      { ...family, familyId: 1n, name: 'NULL' },
      { ...family, familyId: 3n, name: '' },
    ]);
    await table.upsert(dataSource.manager, [{ ...family, token: TOKEN }]);

    const found = await table.find(dataSource.manager, [{ familyId: 2n ** 255n }, { familyId: 1n }, { familyId: 4n }]);
    expect(new Map(found.map((row) => [row.familyId, row]))).toEqual(
      new Map([
        [family.familyId, { ...family, token: TOKEN }],
        [1n, { ...family, familyId: 1n, name: 'NULL' }],
      ]),
    );
    await table.upsertText(dataSource.manager, [table.textOf(family)]);
    expect(await dataSource.manager.findOneBy(FamilyEntity, { familyId: family.familyId })).toEqual(family);
  });

  it('of every entity can be written and read in bulk', async () => {
    const index = await writer();
    for (const entity of READ_MODEL_ENTITIES as readonly EntityClass[]) {
      expect(await index.tables.of(entity).find(dataSource.manager, [{}])).toEqual([]);
    }
  });
});

describe('a rollback', () => {
  it('leaves every table as it was', async () => {
    const index = await writer();
    await index.commit(commit(index, block(1), 10n, undefined, 0n));
    const [before] = await holding(index);
    await index.commit(commit(index, block(2), 20n, before));
    const [second] = await holding(index);
    await index.commit(commit(index, block(3), 30n, second));

    const state = await index.rollBack(block(1));

    expect(state).toMatchObject({ blockNumber: 1n, blockHash: block(1).hash, fork: 1 });
    expect(await holding(index)).toEqual([before]);
    expect(await dataSource.manager.count(ClaimEntity)).toBe(1);
    expect(await index.headers(0n)).toEqual([block(1)]);
    expect(await dataSource.query('select block_number from raw_logs')).toEqual([{ block_number: '1' }]);
  });

  it('removes rows that were not there before', async () => {
    const index = await writer();
    await index.commit({ ...commit(index, block(1), 10n, undefined, 0n), changed: new Map(), undo: [] });
    await index.commit(commit(index, block(2), 10n));
    await index.rollBack(block(1));

    expect(await holding(index)).toEqual([]);
  });

  it('never reaches below a final block', async () => {
    const index = await writer();
    await index.commit(commit(index, block(1), 10n));
    await index.commit(commit(index, block(2), 20n, (await holding(index))[0], 2n));

    await expect(index.rollBack(block(1))).rejects.toMatchObject({ code: 'FinalBlockRetracted' });
    expect(await dataSource.query('select count(*)::int as n from index_undo')).toEqual([{ n: 0 }]);
  });
});

describe('the outbox', () => {
  it('tells nothing of what was there before indexing began, and everything after', async () => {
    const index = await writer();
    await index.commit({ ...commit(index, block(1), 1n), finality: { headBlock: 2n, finalizedBlock: undefined } });
    await index.commit(commit(index, block(2), 2n, (await holding(index))[0]));
    await index.commit(commit(index, block(3), 3n, (await holding(index))[0]));
    await index.setFinality({ headBlock: 3n, finalizedBlock: 3n });

    expect(await outbox()).toEqual([
      ['event', 3n],
      ['finalized', 3n],
    ]);
  });

  it('retracts what leaves the chain, newest first, and names it anew when it comes back', async () => {
    const index = await writer();
    await index.commit(commit(index, block(1), 1n, undefined, 1n));
    await index.commit(commit(index, block(2), 2n, (await holding(index))[0]));
    await index.commit(commit(index, block(3), 3n, (await holding(index))[0]));
    await index.rollBack(block(1));
    await index.commit(commit(index, block(2), 2n, (await holding(index))[0]));
    await index.rollBack(block(1));

    expect(await outbox()).toEqual([
      ['event', 2n],
      ['event', 3n],
      ['retracted', 3n],
      ['retracted', 2n],
      ['event', 2n],
      ['retracted', 2n],
    ]);
    const rows = await new OutboxRepository(dataSource).after(0n);
    expect(new Set(rows.map(({ eventId }) => eventId)).size).toBe(6);
    expect(rows.map(({ retractedBy }) => retractedBy)).toEqual([4n, 3n, null, null, 6n, null]);
  });

  it('does not announce final blocks again when the read model is filled anew', async () => {
    const index = await writer();
    await index.commit(commit(index, block(1), 1n, undefined, 0n));
    await index.commit(commit(index, block(2), 2n, (await holding(index))[0], 2n));
    await index.commit(commit(index, block(3), 3n, (await holding(index))[0]));
    await index.clear({ keepNews: true });
    expect(await dataSource.manager.count(HoldingEntity)).toBe(0);
    for (const number of [1, 2, 3]) await index.commit(commit(index, block(number), 1n, (await holding(index))[0]));

    expect(await outbox()).toEqual([
      ['event', 2n],
      ['finalized', 2n],
      ['event', 3n],
      ['retracted', 3n],
      ['event', 3n],
    ]);
  });

  it('is read on from any position', async () => {
    const index = await writer();
    await index.commit(commit(index, block(1), 1n, undefined, 0n));
    for (const number of [2, 3, 4]) await index.commit(commit(index, block(number), 1n, (await holding(index))[0]));
    const outboxes = new OutboxRepository(dataSource);

    expect((await outboxes.after(1n, 1)).map(({ position }) => position)).toEqual([2n]);
    expect(await outboxes.lastPosition()).toBe(3n);
    await outboxes.prune(1);
    expect((await outboxes.after(0n)).map(({ position }) => position)).toEqual([3n]);
  });
});

describe('a writer', () => {
  it('can write nothing once another has taken over', async () => {
    const first = await writer();
    const second = await writer();
    await expect(first.commit(commit(first, block(1), 1n))).rejects.toMatchObject({ code: 'IndexTakenOver' });

    expect(await dataSource.manager.count(HoldingEntity)).toBe(0);
    expect((await second.commit(commit(second, block(1), 1n))).blockNumber).toBe(1n);
  });

  it('notices that an earlier write went through although it seemed to fail', async () => {
    const index = await writer();
    const before = index.state;
    await index.commit(commit(index, block(1), 1n));
    Object.assign(index.state, { blockNumber: before.blockNumber });

    await expect(index.commit(commit(index, block(1), 1n))).rejects.toMatchObject({
      code: 'IndexMoved',
      retryable: true,
    });
    expect((await index.reload()).blockNumber).toBe(1n);
  });

  it('refuses the read model of other contracts, unless told to replace it', async () => {
    const index = await writer();
    await index.commit(commit(index, block(1), 1n));
    const other = { ...IDENTITY, deployment: 'two' };

    await expect(new IndexRepository(dataSource).takeOver(other)).rejects.toMatchObject({
      code: 'IndexOfAnotherDeployment',
    });
    expect((await new IndexRepository(dataSource).takeOver(other, { replace: true })).blockNumber).toBeNull();
    expect(await dataSource.manager.count(HoldingEntity)).toBe(0);
  });
});

it('works out what each buyer of a sale gets as the contract does', async () => {
  await dataSource.query(
    `
    insert into offerings select * from jsonb_populate_recordset(null::offerings, $1)`,
    [
      JSON.stringify(
        [
          ['0x01', 'settled', 'proRata', 30, 100, 0],
          ['0x02', 'settled', 'smallestFirst', 30, 100, 22],
          ['0x03', 'refunding', 'proRata', 30, 100, 0],
          ['0x04', 'selling', 'proRata', 300, 100, 0],
        ].map(([address, status, oversubscription, hard_cap, committed, level]) => ({
          ...{ address, status, oversubscription, hard_cap, committed, level, soft_cap: 10, offered: 7, wallet_cap: 0 },
          ...{ family_id: 1, token: '0x', escrow: '0x', publisher: '0x', currency: '0x', funds_recipient: '0x' },
          ...{
            opens_at: new Date(0),
            closes_at: new Date(1),
            buyer_count: 2,
            raised: 0,
            tokens_sold: 0,
            tokens_burned: 0,
          },
          ...{ tokens_claimed: 0, refunded: 0, released: 0, unreleased: 0, tokens_exited: 0, exits_paid: 0 },
          ...{ created_block: 1, created_at: new Date(0) },
        })),
      ),
    ],
  );
  await dataSource.query(`
    insert into commitments select o.address, b.buyer, b.committed, false, 0, 0, 0, 0, 1, now()
    from offerings o, (values ('0xa', 8), ('0xb', 92)) as b(buyer, committed)`);
  const rows = await dataSource.query<{ accepted: string; tokens: string }[]>(
    'select accepted, tokens from outcomes order by offering, buyer',
  );

  expect(rows.map(({ accepted, tokens }) => [accepted, tokens].map(Number))).toEqual([
    [2, 0],
    [27, 6],
    [8, 1],
    [22, 5],
    [0, 0],
    [0, 0],
    [8, 0],
    [92, 2],
  ]);
});
