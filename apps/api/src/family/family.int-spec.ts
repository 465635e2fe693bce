import { zeroAddress } from 'viem';
import { IndexedChain } from '../testing/indexed-chain.js';
import { TestApi } from '../testing/test-api.js';

let indexed: IndexedChain;
let api: TestApi;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.story.publish();
  await indexed.index();
  api = await TestApi.start(indexed);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const addressOf = (person: Parameters<typeof indexed.chain.addressOf>[0]) =>
  indexed.chain.addressOf(person).toLowerCase();

describe('families', () => {
  it('are told with waterfall and lineage, up and down', async () => {
    const { family } = await api.read<{ family: object }>(`{
      family(familyId: 2) {
        familyId name publisher operatorBps lineageBps assets versionCount
        lineage { position contributor shareBps parent { name children { familyId } } }
      }
    }`);

    expect(family).toEqual({
      familyId: '2',
      name: 'Digits',
      publisher: addressOf('publisher'),
      operatorBps: 2_000,
      lineageBps: 800,
      assets: [zeroAddress],
      versionCount: 2,
      lineage: [
        {
          position: 0,
          contributor: null,
          shareBps: 500,
          parent: { name: 'Base "model"\ufffd, {old}', children: [{ familyId: '2' }] },
        },
        { position: 1, contributor: addressOf('carol'), shareBps: 300, parent: null },
      ],
    });
  });

  it('come page by page, each exactly once, forwards and backwards', async () => {
    const page = `query ($after: String, $direction: OrderDirection) {
      families(first: 1, after: $after, orderBy: createdBlock, orderDirection: $direction) {
        nodes { familyId } pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }`;
    type Page = { families: { nodes: { familyId: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };

    for (const [direction, expected] of [
      ['asc', ['1', '2']],
      ['desc', ['2', '1']],
    ] as const) {
      const first = (await api.read<Page>(page, { direction })).families;
      const second = (await api.read<Page>(page, { direction, after: first.pageInfo.endCursor })).families;
      expect([...first.nodes, ...second.nodes].map(({ familyId }) => familyId)).toEqual(expected);
      expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
      expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    }
  });

  it.each([
    ['{ name_contains: "DIGITS" }', ['2']],
    ['{ name_contains: "%" }', []],
    ['{ name_starts_with: "Base" }', ['1']],
    ['{ familyId_in: [2, 7] }', ['2']],
    ['{ familyId_gt: "1", requestCount_lte: 0 }', ['2']],
    ['{ token: null }', ['1', '2']],
    ['{ token_not: null }', []],
  ])('are filtered by %s', async (where, expected) => {
    const { families } = await api.read<{ families: { nodes: { familyId: string }[] } }>(
      `{ families(where: ${where}) { nodes { familyId } } }`,
    );

    expect(families.nodes.map(({ familyId }) => familyId)).toEqual(expected);
  });

  it('are null where there is none', async () => {
    expect(await api.read('{ family(familyId: 99) { name } }')).toEqual({ family: null });
  });
});

describe('a request that cannot be answered says why and what to do', () => {
  const tooMany = Array.from({ length: 101 }, (_, i) => i);
  const badCursor = Buffer.from(JSON.stringify(['familyId asc', "1'; drop"])).toString('base64url');

  it.each([
    ['too many rows', 'first: 101', 'FirstOutOfRange', /1 to 100/],
    ['no rows', 'first: 0', 'FirstOutOfRange', /1 to 100/],
    ['no cursor', 'after: "nonsense"', 'CursorInvalid', /without `after`/],
    ['a cursor with SQL in it', `after: "${badCursor}"`, 'CursorInvalid', /without `after`/],
    ['a long list', `where: { familyId_in: [${tooMany}] }`, 'FilterTooLong', /at most 100/],
    ['a zero character', String.raw`where: { name: "\u0000" }`, 'FilterInvalid', /zero character/],
  ])('%s', async (_, list, reason, message) => {
    const { errors, status } = await api.ask(`{ families(${list}) { nodes { familyId } } }`);

    expect(status).toBe(200);
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(message),
        extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', reason, retryable: false }),
      }),
    ]);
  });

  it('is not told what went wrong inside', async () => {
    await indexed.dataSource.query('alter table families rename to families_away');
    try {
      const { errors } = await api.ask('{ families { nodes { name } } }');
      expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
      expect(JSON.stringify(errors)).not.toMatch(/families_away|relation|select/);
    } finally {
      await indexed.dataSource.query('alter table families_away rename to families');
    }
  });
});

it('_meta says how far the read model is', async () => {
  const head = await indexed.chain.client.getBlockNumber();

  const { _meta } = await api.read<{ _meta: object }>('{ _meta { indexedBlock chainHead lag finalizedBlock } }');

  expect(_meta).toEqual({ indexedBlock: `${head}`, chainHead: `${head}`, lag: '0', finalizedBlock: null });
});
