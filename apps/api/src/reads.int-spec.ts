import {
  fixedPriceOfferingAbi,
  inferenceOracleAbi,
  modelRegistryAbi,
  modelTokenAbi,
  operatorRegistryAbi,
} from '@openimo/contracts';
import { type Address, zeroAddress } from 'viem';
import { countStatements } from './testing/count-statements.js';
import { IndexedChain } from './testing/indexed-chain.js';
import { TestApi } from './testing/test-api.js';

let indexed: IndexedChain;
let api: TestApi;

beforeAll(async () => {
  indexed = await IndexedChain.withStory();
  api = await TestApi.start(indexed, {
    env: { OPENIMO_LIMIT_COST: '10000000', OPENIMO_LIMIT_COST_PER_MINUTE: '1000000000' },
  });
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const lower = (address: string) => address.toLowerCase() as Address;
const addressOf = (person: Parameters<typeof indexed.chain.addressOf>[0]) => lower(indexed.chain.addressOf(person));
const sold = () => indexed.story.sales[0]!;
const failed = () => indexed.story.sales[1]!;

describe('versions', () => {
  it('say that they are unverified, and what they cost now and soon', async () => {
    const { version } = await api.read<{ version: object }>(`{
      version(versionId: 3) {
        licence duplicateOf { versionId } family { name }
        verification { tier meaning attestationCount attestationsNeeded }
      }
    }`);
    expect(version).toEqual({
      licence: 'MIT',
      duplicateOf: { versionId: '2' },
      family: { name: 'Digits' },
      verification: {
        tier: 'UNVERIFIED',
        meaning: expect.stringContaining('nobody can prove a wrong one wrong'),
        attestationCount: 0,
        attestationsNeeded: 2,
      },
    });
  });

  it('have the price that the contract asks, and the one announced', async () => {
    const { version } = await api.read<{ version: { prices: object[] } }>(
      '{ version(versionId: 2) { prices { asset amount scheduledAmount scheduledAt } } }',
    );
    const [current, next, effectiveAt] = await indexed.chain.client.readContract({
      address: indexed.chain.addresses.modelRegistry,
      abi: modelRegistryAbi,
      functionName: 'priceSchedule',
      args: [2n, zeroAddress],
    });
    const isPending = effectiveAt > BigInt(await indexed.chain.now());
    expect(version.prices).toEqual([
      {
        asset: zeroAddress,
        amount: `${current}`,
        scheduledAmount: isPending ? `${next}` : null,
        scheduledAt: isPending ? new Date(Number(effectiveAt) * 1_000).toISOString() : null,
      },
    ]);
  });
});

describe('offerings', () => {
  it('tell how far the raise is, as a curve that ends at what was committed', async () => {
    const { offering } = await api.read<{
      offering: { committed: string; raiseCurve: { at: string; committed: string }[]; progress: object };
    }>(
      `query ($sale: Address!) { offering(address: $sale) {
        status committed raised buyerCount currency
        progress { phase softCapBps hardCapBps tokenPrice }
        raiseCurve { at committed }
        tranches { number shareBps dueAt released }
        grants { beneficiary amount released token { symbol } }
        token { address } family { familyId }
      } }`,
      { sale: sold().offering },
    );
    const committed = await readSale('totalCommitted');
    expect(offering).toMatchObject({
      status: 'SETTLED',
      committed: `${committed}`,
      raised: `${await readSale('raised')}`,
      progress: { phase: 'SETTLED', hardCapBps: `${(committed * 10_000n) / 10n ** 19n}` },
      token: { address: lower(sold().token) },
      family: { familyId: '2' },
      tranches: [
        { number: 0, released: expect.any(String) },
        { number: 1, released: expect.any(String) },
      ],
    });
    expect(offering.raiseCurve.at(-1)!.committed).toBe(offering.committed);
    const times = offering.raiseCurve.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
  });

  it.each(['alice', 'bob'] as const)("tell %s's commitment and outcome as the contract does", async (person) => {
    for (const sale of [sold(), failed()]) {
      const args = [indexed.chain.addressOf(person)] as const;
      const contract = { address: sale.offering, abi: fixedPriceOfferingAbi } as const;
      const read = indexed.chain.client.readContract;
      const expected = await read({ ...contract, functionName: 'outcomeOf', args });
      const owed = await read({ ...contract, functionName: 'refundOwedTo', args });
      const claimable = await read({ ...contract, functionName: 'claimableTokensOf', args });

      const { offering } = await api.read<{ offering: { commitment: object | null } }>(
        `query ($sale: Address!, $account: Address!) { offering(address: $sale) { commitment(account: $account) {
          outcome { accepted refund tokens refundOwed tokensClaimable }
        } } }`,
        { sale: sale.offering, account: args[0] },
      );

      expect(offering.commitment).toEqual(
        sale === failed() && person === 'bob'
          ? null
          : {
              outcome: {
                accepted: `${expected.accepted}`,
                refund: `${expected.refund}`,
                tokens: `${expected.tokens}`,
                refundOwed: `${owed}`,
                tokensClaimable: `${claimable}`,
              },
            },
      );
    }
  });

  it('are found by status and come newest first', async () => {
    const list = (where: string) =>
      api.read<{ offerings: { nodes: { address: string }[] } }>(`{ offerings(where: ${where}) { nodes { address } } }`);
    expect((await list('{}')).offerings.nodes.map(({ address }) => address)).toEqual(
      [failed(), sold()].map(({ offering }) => lower(offering)),
    );
    expect((await list('{ status: REFUNDING }')).offerings.nodes).toEqual([{ address: lower(failed().offering) }]);
  });

  async function readSale(functionName: 'totalCommitted' | 'raised'): Promise<bigint> {
    return indexed.chain.client.readContract({ address: sold().offering, abi: fixedPriceOfferingAbi, functionName });
  }
});

describe('tokens', () => {
  it('tell their holders from the largest on, with what each can claim at the latest block', async () => {
    const { token } = await api.read<{
      token: { holders: { nodes: { holder: Address; balance: string; claimable: { amount: string }[] }[] } };
    }>(
      `query ($token: Address!) { token(address: $token) { holders(first: 100) { nodes {
        holder balance claimable { asset amount } paid { asset claimed }
      } } } }`,
      { token: sold().token },
    );
    const balances = token.holders.nodes.map(({ balance }) => BigInt(balance));
    expect(balances).toEqual([...balances].sort((a, b) => (a > b ? -1 : 1)));
    expect(balances.length).toBeGreaterThan(2);
    for (const { holder, balance, claimable } of token.holders.nodes) {
      const contract = { address: sold().token, abi: modelTokenAbi } as const;
      const read = indexed.chain.client.readContract;
      expect(balance).toBe(`${await read({ ...contract, functionName: 'balanceOf', args: [holder] })}`);
      const accrued = await read({ ...contract, functionName: 'accruedRevenue', args: [holder, zeroAddress] });
      expect(claimable).toEqual([{ asset: zeroAddress, amount: `${accrued}` }]);
    }
  });

  it('keep claimable exact when the chain moves on and nothing is indexed', async () => {
    const alice = indexed.chain.addressOf('alice');
    const claimable = async () => {
      const { token } = await api.read<{ token: { holding: { claimable: { amount: string }[] } } }>(
        `query ($token: Address!, $alice: Address!) { token(address: $token) { holding(account: $alice) { claimable { amount } } } }`,
        { token: sold().token, alice },
      );
      return BigInt(token.holding.claimable[0]!.amount);
    };
    const before = await claimable();
    await indexed.chain.write('bob', sold().token, modelTokenAbi, 'sync', [zeroAddress]);
    await indexed.chain.passSeconds(30);
    const contract = { address: sold().token, abi: modelTokenAbi } as const;
    const args = [alice, zeroAddress] as const;
    const accrued = await indexed.chain.client.readContract({ ...contract, functionName: 'accruedRevenue', args });
    expect(await claimable()).toBe(accrued);
    expect(accrued).toBeGreaterThanOrEqual(before);
  });

  it('tell in whose hands they are, leaving out sale and escrow', async () => {
    const { token } = await api.read<{
      token: { totalSupply: string; concentration: Record<string, number>; holders: { nodes: Holder[] } };
    }>(
      `query ($token: Address!) { token(address: $token) {
        totalSupply concentration { circulating largestBps top10Bps top100Bps herfindahl }
        holders(first: 100) { nodes { holder balance } }
      } }`,
      { token: sold().token },
    );
    interface Holder {
      holder: Address;
      balance: string;
    }
    const own = new Set([lower(sold().offering), lower(sold().escrow)]);
    const held = token.holders.nodes.filter(({ holder }) => !own.has(holder)).map(({ balance }) => BigInt(balance));
    const circulating = held.reduce((sum, balance) => sum + balance, 0n);
    expect(token.concentration).toEqual({
      circulating: `${circulating}`,
      largestBps: Number((10_000n * held[0]!) / circulating),
      top10Bps: 10_000,
      top100Bps: 10_000,
      herfindahl: Number((10_000n * held.reduce((sum, b) => sum + b * b, 0n)) / circulating ** 2n),
    });
  });

  it('sum their revenue by hour and day to what the events say', async () => {
    type Rows = readonly Record<string, string>[];
    interface Series {
      days: Rows;
      hours: Rows;
      revenueEvents: { nodes: Rows };
      claims: { nodes: Rows };
      realisedYields: Rows;
    }
    const { token } = await api.read<{ token: Series }>(
      `query ($token: Address!) { token(address: $token) {
        days: revenueSeries { start received claimed }
        hours: revenueSeries(interval: HOUR) { received }
        revenueEvents { nodes { amount } }
        claims { nodes { amount account } }
        realisedYields { days received claimed perToken annualisedBps }
      } }`,
      { token: sold().token },
    );
    const total = (rows: Rows, key: string) => rows.reduce((sum, row) => sum + BigInt(row[key]!), 0n);
    const { days, hours, revenueEvents, claims, realisedYields } = token;
    const received = total(revenueEvents.nodes, 'amount');
    expect(received).toBeGreaterThan(0n);
    expect(total(days, 'received')).toBe(received);
    expect(total(hours, 'received')).toBe(received);
    expect(total(days, 'claimed')).toBe(total(claims.nodes, 'amount'));
    const supply = await indexed.chain.client.readContract({
      address: sold().token,
      abi: modelTokenAbi,
      functionName: 'totalSupply',
    });
    // Sold at 10 ETH for 500 tokens; 80 % of revenue can be claimed.
    const yields = [7, 30, 90].map((span) => ({
      days: span,
      received: `${received}`,
      claimed: `${total(days, 'claimed')}`,
      perToken: `${(received * 8_000n * 10n ** 18n) / (10_000n * supply)}`,
      annualisedBps: `${(received * 8_000n * 365n * 500n * 10n ** 18n) / (supply * 10n ** 19n * BigInt(span))}`,
    }));
    expect(realisedYields).toEqual(yields);
  });
});

describe('organic revenue', () => {
  interface Organic {
    total: string;
    organic: string;
    payerCount: number;
    largestPayerBps: number;
  }
  const organicOf = async (familyId: bigint) => {
    const { family } = await api.read<{ family: { organicRevenue: Organic[] } }>(
      `query ($id: BigInt!) { family(familyId: $id) { organicRevenue { total organic payerCount largestPayerBps } } }`,
      { id: `${familyId}` },
    );
    return family.organicRevenue[0]!;
  };
  const paidBy = async (payer: Address) => {
    const [row] = await indexed.dataSource.query<{ sum: string }[]>(
      'select coalesce(sum(amount), 0) as sum from distributions where family_id = 2 and payer = $1',
      [payer],
    );
    return BigInt(row!.sum);
  };

  it('counts what strangers paid, and not income from lineage', async () => {
    const { total, organic, payerCount } = await organicOf(2n);
    expect(organic).toBe(total);
    expect(payerCount).toBeGreaterThan(1);
    expect(await organicOf(1n)).toMatchObject({ organic: '0', payerCount: 0 });
  });

  it.each([
    ['publisher', "update families set publisher = '%' where family_id = 2"],
    ['publisher to be', "update families set pending_publisher = '%' where family_id = 2"],
    [
      'operator',
      "update enrolments set operator = '%' where version_id = 2 and operator = (select min(operator) from enrolments)",
    ],
    ['contributor', "update lineage_parties set contributor = '%' where family_id = 2 and position = 1"],
    [
      'large holder',
      "update holdings set holder = '%' where balance = (select max(balance) from holdings h join families f on f.token = h.token)",
    ],
  ])('leaves out what its %s paid', async (_, statement) => {
    const developer = addressOf('developer');
    const before = await organicOf(2n);
    const sql = (text: string) => indexed.dataSource.query(text);
    const tables = ['families', 'enrolments', 'lineage_parties', 'holdings'];
    for (const table of tables) await sql(`create table saved_${table} as table ${table}`);
    try {
      await sql(`delete from holdings where holder = '${developer}'`);
      await sql(statement.replace('%', developer));
      const after = await organicOf(2n);
      expect(BigInt(after.organic)).toBe(BigInt(before.organic) - (await paidBy(developer)));
      expect(after.total).toBe(before.total);
      expect(after.payerCount).toBe(before.payerCount - 1);
    } finally {
      for (const table of tables) {
        await sql(`delete from ${table}`);
        await sql(`insert into ${table} table saved_${table}`);
        await sql(`drop table saved_${table}`);
      }
    }
  });
});

describe('requests', () => {
  it('come with answers and callbacks', async () => {
    const { requests } = await api.read<{ requests: { nodes: Record<string, unknown>[] } }>(`{
      requests(orderDirection: asc, where: { account_not: null }) { nodes {
        requestId status delivered callbackFailed fee
        version { versionId } operator { address }
        input { input }
        assertions { round status outputs operator { endpoint } }
        callbacks { succeeded reason }
      } }
    }`);
    const operator = addressOf('operator');
    expect(requests.nodes).toMatchObject([
      {
        status: 'FINAL',
        delivered: true,
        operator: { address: operator },
        assertions: [{ round: 1, status: 'FINAL', operator: { endpoint: 'http://new' } }],
        callbacks: [{ succeeded: true, reason: null }],
      },
      { status: 'FINAL', callbackFailed: true, callbacks: [{ succeeded: false }] },
      { status: 'REFUNDED', operator: null, assertions: [], callbacks: [] },
    ]);
    const read = indexed.chain.client.readContract;
    for (const { requestId, fee } of requests.nodes) {
      const contract = { address: indexed.chain.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
      const onChain = await read({ ...contract, functionName: 'request', args: [BigInt(requestId as string)] });
      expect(fee).toBe(`${onChain.fee}`);
    }
  });
});

describe('operators', () => {
  it('tell stake as the contract does, enrolments, and how reliable they were', async () => {
    const { operators } = await api.read<{
      operators: { nodes: { address: Address; stake: string; uptime: object; enrolments: object[] }[] };
    }>(`{
      operators { nodes {
        address endpoint stake locked
        uptime { days answered missed uptimeBps }
        enrolments { version { versionId } leftAt }
        stakeEvents(first: 2) { nodes { kind stake } pageInfo { hasNextPage } }
        assertions { nodes { request { requestId } } }
      } }
    }`);
    for (const { address, stake } of operators.nodes) {
      const info = await indexed.chain.client.readContract({
        address: indexed.chain.addresses.operatorRegistry,
        abi: operatorRegistryAbi,
        functionName: 'operator',
        args: [address],
      });
      expect(stake).toBe(`${info.stake}`);
    }
    const byAddress = new Map(operators.nodes.map((node) => [node.address, node]));
    const { answered } = byAddress.get(addressOf('operator'))!.uptime as { answered: number };
    expect(answered).toBe(2);
    const misses = operators.nodes.map(({ uptime }) => (uptime as { missed: number }).missed);
    const [{ count }] = await indexed.dataSource.query<[{ count: number }]>('select count(*)::int from penalties');
    expect(misses.reduce((a, b) => a + b)).toBe(count);
    expect(count).toBeGreaterThan(0);
    for (const { uptime } of operators.nodes) {
      const { answered: given, missed, uptimeBps } = uptime as Record<string, number>;
      expect(uptimeBps).toBe(given! + missed! === 0 ? null : Math.floor((given! * 10_000) / (given! + missed!)));
    }
  });
});

describe('an account', () => {
  it('is its holdings, commitments, grants, credits and requests', async () => {
    const { account } = await api.read<{ account: Record<string, never> }>(
      `query ($alice: Address!) { account(address: $alice) {
        holdings { nodes { balance token { symbol } paid { claimed } } }
        commitments { nodes { committed refunded offering { address } } }
        claims { nodes { amount token { address } } }
        credits { source balance }
      } }`,
      { alice: indexed.chain.addressOf('alice') },
    );
    expect(account).toMatchObject({
      holdings: { nodes: [{ token: { symbol: 'DIG' }, paid: [{ claimed: expect.stringMatching(/^[1-9]/) }] }] },
      commitments: { nodes: [{ committed: `${9n * 10n ** 18n}` }, { committed: `${10n ** 18n}` }] },
      claims: { nodes: [{ token: { address: lower(sold().token) } }] },
    });
  });

  it('is nobody for whoever has not signed in', async () => {
    expect(await api.read('{ me { address } }')).toEqual({ me: null });
  });
});

describe('the dashboard', () => {
  const DASHBOARD = `query ($account: Address!) { dashboard(account: $account) {
    indexedBlock indexedAt
    holdings { token name symbol familyId balance totalSupply holderCount claimed }
    commitments { offering symbol status committed accepted refund tokens }
    claims { token asset amount at }
    revenue { start received claimed } platformRevenue { start received claimed }
  } }`;

  it('is one statement and says what the same fields say elsewhere', async () => {
    const account = indexed.chain.addressOf('alice');
    type Row = Record<string, unknown>;
    let answer!: { dashboard: Record<string, readonly Row[]> };
    await api.read(DASHBOARD, { account });
    const statements = await countStatements(async () => {
      answer = await api.read(DASHBOARD, { account });
    });
    expect(statements).toBe(1);

    const expected = await api.read<Record<string, Record<string, never>>>(
      `query ($account: Address!) {
        _meta { indexedBlock indexedAt }
        account(address: $account) {
          holdings { nodes { balance token { address name symbol totalSupply holderCount family { familyId } } paid { claimed } } }
          commitments(orderBy: firstBlock) { nodes { committed outcome { accepted refund tokens } offering { address status } } }
          claims { nodes { asset amount at token { address } } }
        }
        revenueSeries { start received claimed }
      }`,
      { account },
    );
    const { holdings, commitments, claims } = expected['account'] as unknown as Record<string, { nodes: Row[] }>;
    const { dashboard } = answer;
    expect(dashboard).toMatchObject(expected['_meta']!);
    expect(dashboard['platformRevenue']).toEqual(expected['revenueSeries']);
    expect(dashboard['revenue']).toEqual(expected['revenueSeries']);
    expect(dashboard['holdings']).toEqual(
      holdings!.nodes.map(({ balance, token, paid }) => {
        const { address, family, ...facts } = token as Row & { family: Row };
        return { balance, token: address, ...facts, ...family, ...(paid as Row[])[0] };
      }),
    );
    expect(dashboard['commitments']).toEqual(
      commitments!.nodes.map(({ committed, outcome, offering }) => {
        const { address, status } = offering as Row;
        return { committed, ...(outcome as Row), offering: address, status, symbol: 'DIG' };
      }),
    );
    expect(dashboard['claims']).toEqual(
      claims!.nodes.map(({ token, ...claim }) => ({ ...claim, token: (token as Row)['address'] })),
    );
  });
});

describe('statements', () => {
  const everything = `query ($first: Int!) {
    families(first: 10) { nodes {
      name token { symbol concentration { herfindahl } realisedYields { days } }
      lineage { parent { name } contributor }
      versions(first: $first) { nodes {
        versionId prices { amount } enrolments { operator { address uptime { uptimeBps } } }
        requests(first: $first) { nodes { requestId operator { address } assertions { operator { address } } callbacks { at } } }
      } }
      offerings(first: $first) { nodes {
        progress { phase } raiseCurve { at } tranches { number } grants { amount token { symbol } }
        token { symbol holders(first: $first) { nodes { holder paid { claimed } token { symbol } } } }
        commitments(first: $first) { nodes { buyer outcome { tokens } offering { address } } }
      } }
      organicRevenue { organic }
    } }
  }`;

  it('go by the shape of a query, not by how much it finds', async () => {
    let answer: unknown;
    const statements = await countStatements(async () => {
      answer = await api.read(everything, { first: 50 });
    });
    const objects = JSON.stringify(answer).split('{').length;
    expect(statements).toBeLessThanOrEqual(30);
    expect(objects).toBeGreaterThan(3 * statements);
  });
});
