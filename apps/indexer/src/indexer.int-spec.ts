import {
  fixedPriceOfferingAbi,
  inferenceOracleAbi,
  modelRegistryAbi,
  modelTokenAbi,
  operatorRegistryAbi,
  revenueRouterAbi,
  vestingEscrowAbi,
} from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import {
  AssertionEntity,
  CommitmentEntity,
  CreditEntity,
  DistributionEntity,
  FamilyCreditEntity,
  FamilyEntity,
  FeesByDayEntity,
  GrantEntity,
  HoldingEntity,
  LineagePartyEntity,
  MarkEntity,
  OfferingEntity,
  OperatorEntity,
  OutcomeView,
  PayerFeesByDayEntity,
  PriceEntity,
  RawLogEntity,
  RequestEntity,
  RevenueByDayEntity,
  RevenueByHourEntity,
  TokenEntity,
  TrancheEntity,
  VersionEntity,
  type EntityClass,
} from '@openimo/persistence';
import { dumpTables, LyingNode, seeded, Story, TestChain } from '@openimo/testing';
import { zeroAddress } from 'viem';
import { TestIndex } from './testing/test-index.js';

let chain: TestChain;
let story: Story;
let index: TestIndex;

beforeAll(async () => {
  chain = await TestChain.start();
  story = new Story(chain);
  [index] = await Promise.all([TestIndex.create(chain), story.tell()]);
  await index.catchUp();
});
afterAll(async () => {
  await index?.close();
  await chain?.anvil.kill();
});

/** In the order of their keys. */
async function rows<Row extends object>(entity: EntityClass<Row>): Promise<Row[]> {
  const found = await index.dataSource.manager.find(entity);
  const keys = index.dataSource.getMetadata(entity).primaryColumns.map(({ propertyName }) => propertyName as keyof Row);
  const key = (row: Row) => keys.map((name) => String(row[name])).join('|');
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const lower = (address: string) => address.toLowerCase() as Address;

describe('after a whole story the tables say what the contracts say', () => {
  it('of every raw log of ours', async () => {
    const addresses = [...Object.values(chain.addresses), ...story.sales.flatMap((sale) => Object.values(sale))];
    const logs = await chain.client.getLogs({ fromBlock: 0n, toBlock: 'latest' });
    const ours = new Set(addresses.map(lower));
    const expected = logs.filter(({ address }) => ours.has(lower(address)));

    const stored = await rows(RawLogEntity);
    expect(new Set(stored.map(({ blockHash, logIndex }) => `${blockHash}:${logIndex}`))).toEqual(
      new Set(expected.map(({ blockHash, logIndex }) => `${blockHash}:${logIndex}`)),
    );
    expect(stored.length).toBeGreaterThan(120);
  });

  it('of families, versions and prices', async () => {
    const registry = { address: chain.addresses.modelRegistry, abi: modelRegistryAbi } as const;
    const read = chain.client.readContract;
    for (const family of await rows(FamilyEntity)) {
      const args = [family.familyId] as const;
      const actual = await read({ ...registry, functionName: 'family', args });
      expect(family).toMatchObject({
        name: actual.name.replaceAll('\u0000', '\ufffd'),
        publisher: lower(actual.publisher),
        token: actual.token === zeroAddress ? null : lower(actual.token),
      });
      const waterfall = await read({ ...registry, functionName: 'waterfall', args });
      const { nextPublisherBpsAt, nextPublisherBps } = family;
      const isInForce = nextPublisherBpsAt !== null && nextPublisherBpsAt.getTime() <= (await chain.now()) * 1_000;
      expect({ ...family, publisherBps: isInForce ? nextPublisherBps : family.publisherBps }).toMatchObject(waterfall);
    }
    expect(await rows(LineagePartyEntity)).toMatchObject([
      { familyId: 2n, position: 0, parentFamilyId: 1n, contributor: null, shareBps: 500 },
      { familyId: 2n, position: 1, parentFamilyId: null, contributor: lower(chain.addressOf('carol')), shareBps: 300 },
    ]);
    expect(await rows(VersionEntity)).toMatchObject([
      { versionId: 1n, familyId: 1n, licence: 'MIT', duplicateOf: null, operatorCount: 1, requestCount: 0 },
      { versionId: 2n, familyId: 2n, minInput: 4, maxOutput: 48, duplicateOf: null, operatorCount: 2, requestCount: 3 },
      { versionId: 3n, familyId: 2n, duplicateOf: 2n },
    ]);
    const prices = (await rows(PriceEntity)).filter(({ versionId }) => versionId === 2n);
    expect(prices.map(({ amount, superseded }) => [amount, superseded])).toEqual([
      [10n ** 15n, false],
      [2n * 10n ** 15n, true],
      [10n ** 15n + 1n, false],
    ]);
  });

  it('of sales and what every buyer gets', async () => {
    const [sold, failed] = story.sales;
    for (const sale of await rows(OfferingEntity)) {
      const contract = { address: sale.address, abi: fixedPriceOfferingAbi } as const;
      const read = <
        name extends 'raised' | 'tokensSold' | 'unreleased' | 'tokensExited' | 'totalCommitted' | 'offered',
      >(
        functionName: name,
      ) => chain.client.readContract({ ...contract, functionName });
      expect(sale).toMatchObject({
        raised: await read('raised'),
        tokensSold: await read('tokensSold'),
        unreleased: await read('unreleased'),
        tokensExited: await read('tokensExited'),
        committed: await read('totalCommitted'),
        offered: await read('offered'),
        status: sale.address === lower(sold!.offering) ? 'settled' : 'refunding',
      });
      for (const outcome of (await rows(OutcomeView)).filter(({ offering }) => offering === sale.address)) {
        const actual = await chain.client.readContract({
          ...contract,
          functionName: 'outcomeOf',
          args: [outcome.buyer],
        });
        expect(outcome).toMatchObject(actual);
      }
    }
    expect((await rows(OfferingEntity)).map(({ buyerCount }) => buyerCount).sort()).toEqual([1, 2]);
    expect((await rows(TrancheEntity)).filter(({ released }) => released !== null)).toHaveLength(2);
    const refunded = (await rows(CommitmentEntity)).find(({ offering }) => offering === lower(failed!.offering));
    expect(refunded).toMatchObject({ committed: 10n ** 18n, refunded: 10n ** 18n, claimed: false });
  });

  it('of tokens, balances, sharing, grants and marks', async () => {
    for (const holding of await rows(HoldingEntity)) {
      const contract = { address: holding.token, abi: modelTokenAbi } as const;
      const args = [holding.holder] as const;
      expect(holding.balance).toBe(await chain.client.readContract({ ...contract, functionName: 'balanceOf', args }));
      expect(holding.sharing ?? true).toBe(
        await chain.client.readContract({ ...contract, functionName: 'isSharing', args }),
      );
    }
    for (const token of await rows(TokenEntity)) {
      const contract = { address: token.address, abi: modelTokenAbi } as const;
      expect(token.totalSupply).toBe(await chain.client.readContract({ ...contract, functionName: 'totalSupply' }));
      const holders = (await rows(HoldingEntity)).filter((row) => row.token === token.address && row.balance > 0n);
      expect(token).toMatchObject({ holderCount: holders.length, name: 'Digits Token', symbol: 'DIG' });
    }
    for (const grant of await rows(GrantEntity)) {
      const contract = { address: grant.escrow, abi: vestingEscrowAbi } as const;
      const args = [BigInt(grant.grantId)] as const;
      expect(grant.released).toBe(await chain.client.readContract({ ...contract, functionName: 'released', args }));
    }
    expect(await rows(MarkEntity)).toHaveLength(1);
  });

  it('of requests and answers', async () => {
    const oracle = { address: chain.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
    const statuses = ['none', 'open', 'asserted', 'final', 'refunded'];
    for (const request of await rows(RequestEntity)) {
      const args = [request.requestId] as const;
      const actual = await chain.client.readContract({ ...oracle, functionName: 'request', args });
      const assertion = await chain.client.readContract({ ...oracle, functionName: 'assertion', args });
      expect(request).toMatchObject({
        status: statuses[actual.status],
        fee: actual.fee,
        gasPrepaid: actual.gasPrepaid,
        inputRoot: actual.inputRoot,
        callbackContract: actual.callbackContract === zeroAddress ? null : lower(actual.callbackContract),
        refundTo: lower(actual.refundTo),
        windowSeconds: actual.window,
        delivered: assertion.delivered,
        callbackFailed: assertion.callbackFailed,
        round: assertion.round,
      });
    }
    // Ids, by which rows are read, have no order of their own.
    const ends = (await rows(RequestEntity)).map(({ status }) => status).toSorted();
    expect(ends).toEqual(['final', 'final', 'refunded']);
    expect((await rows(AssertionEntity)).map(({ status }) => status)).toEqual(['final', 'final']);
  });

  it('of operators', async () => {
    for (const operator of await rows(OperatorEntity)) {
      const actual = await chain.client.readContract({
        address: chain.addresses.operatorRegistry,
        abi: operatorRegistryAbi,
        functionName: 'operator',
        args: [operator.address],
      });
      const { stake, locked, exiting, enrolmentCount } = operator;
      expect({ stake, locked, exiting, enrolments: enrolmentCount }).toMatchObject({
        stake: actual.stake,
        locked: actual.locked,
        exiting: actual.exiting,
        enrolments: actual.enrolments,
      });
    }
    expect(await rows(OperatorEntity)).toHaveLength(2);
  });

  it('of credits and what waits for families', async () => {
    const router = { address: chain.addresses.revenueRouter, abi: revenueRouterAbi } as const;
    const oracle = { address: chain.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
    for (const { source, account, asset, balance } of await rows(CreditEntity)) {
      const call = { functionName: 'creditOf', args: [account, asset] } as const;
      expect(balance).toBe(
        await (source === 'router'
          ? chain.client.readContract({ ...router, ...call })
          : chain.client.readContract({ ...oracle, ...call })),
      );
    }
    for (const { familyId, asset, lineageBalance, holdersPending } of await rows(FamilyCreditEntity)) {
      const args = [familyId, asset] as const;
      expect([lineageBalance, holdersPending]).toEqual([
        await chain.client.readContract({ ...router, functionName: 'familyCreditOf', args }),
        await chain.client.readContract({ ...router, functionName: 'holdersPending', args }),
      ]);
    }
    expect((await rows(CreditEntity)).length).toBeGreaterThan(4);
  });

  it('of who paid, also through the oracle, and of nobody where the money was lineage', async () => {
    const payments = await rows(DistributionEntity);
    const requests = (await rows(RequestEntity)).filter(({ status }) => status === 'final');
    const payersVia = (address: Address) => payments.filter(({ from }) => from === lower(address)).map((p) => p.payer);
    expect(payersVia(chain.addresses.inferenceOracle).sort()).toEqual(requests.map(({ account }) => account).sort());
    expect(payersVia(chain.addressOf('developer'))).toEqual([lower(chain.addressOf('developer'))]);
    expect(payersVia(chain.addresses.revenueRouter)).toEqual([null]);
    const known = payments.filter(({ payer }) => payer !== null).reduce((sum, { amount }) => sum + amount, 0n);
    expect((await rows(PayerFeesByDayEntity)).reduce((sum, { amount }) => sum + amount, 0n)).toBe(known);
  });

  it('of sums over time, which are those of their parts', async () => {
    const distributed = (await rows(DistributionEntity)).reduce((sum, { amount }) => sum + amount, 0n);
    const all = (await rows(FeesByDayEntity)).filter(({ familyId }) => familyId === 0n);
    expect(all.reduce((sum, { amount }) => sum + amount, 0n)).toBe(distributed);
    const total = (list: { token: string; received: bigint }[], token: string) =>
      list.filter((row) => row.token === token).reduce((sum, { received }) => sum + received, 0n);
    const [days, hours] = [await rows(RevenueByDayEntity), await rows(RevenueByHourEntity)];
    expect(total(days, zeroAddress)).toBe(total(hours, lower(story.sales[0]!.token)));
    expect(total(days, zeroAddress)).toBeGreaterThan(0n);
  });
});

describe('rebuilding', () => {
  it.each([1, 7, 1_000])('gives the same tables, byte for byte, %d blocks at a time', async (maxBlocks) => {
    const before = await dumpTables(index.dataSource);
    const second = await TestIndex.create(chain);
    try {
      await second.catchUp({ maxBlocks });
      expect(await dumpTables(second.dataSource)).toEqual(before);
    } finally {
      await second.close();
    }
  });
});

describe('a node that keeps logs back', () => {
  it.each(['noLogs', 'someLogs'] as const)('hides nothing (%s)', async (fault) => {
    const node = await LyingNode.start(chain.anvil.rpcUrl, seeded(5));
    node.faults = new Set([fault]);
    node.chance = 0.4;
    const second = await TestIndex.create(chain);
    try {
      await second.catchUp({ maxBlocks: 20, rpcUrl: node.rpcUrl });
      expect(node.lies).toBeGreaterThan(3);
      expect(await dumpTables(second.dataSource)).toEqual(await dumpTables(index.dataSource));
    } finally {
      await second.close();
      await node.close();
    }
  });
});
