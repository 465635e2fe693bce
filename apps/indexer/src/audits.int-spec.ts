import { auditsAbi, operatorRegistryAbi } from '@openimo/contracts';
import { AuditStory, DisputeStory } from '@openimo/disputes/testing';
import { AuditEntity, AuditRunEntity, CreditEntity, OperatorEntity } from '@openimo/persistence';
import { dumpTables, Story, TestChain } from '@openimo/testing';
import { TestIndex } from './testing/test-index.js';

/** `IAudits.Stance`. */
const STANCES = ['drawn', 'committed', 'confirmed', 'denied'];

let chain: TestChain;
let story: AuditStory;
let index: TestIndex;

beforeAll(async () => {
  chain = await TestChain.start();
  const all = new Story(chain);
  index = await TestIndex.create(chain);
  await all.publish();
  await all.serve();
  const disputes = new DisputeStory(chain);
  await disputes.publish();
  story = new AuditStory(disputes);
  await story.tell();
  await index.catchUp();
});
afterAll(async () => {
  await index?.close();
  await chain?.anvil.kill();
});

const audits = () => ({ address: chain.addresses.audits, abi: auditsAbi }) as const;
const lower = (text: string) => text.toLowerCase();

it('audits are those that were selected, where the contract has them', async () => {
  const found = await index.dataSource.manager.find(AuditEntity, { order: { selectedBlock: 'ASC' } });
  expect(found).toMatchObject(
    story.audits.map(({ requestId, versionId, asset, share, assertedAt, quarter }) => ({
      ...{ requestId, round: 1, versionId, asset, share, auditorCount: 2 },
      commitUntil: new Date((assertedAt + 2 * quarter) * 1_000),
      revealUntil: new Date((assertedAt + 3 * quarter) * 1_000),
    })),
  );
  expect(found.map(({ convicted }) => convicted)).toEqual([false, false, null]);
  for (const { auditId, item, settledAt } of found) {
    const args = [auditId] as const;
    const state = await chain.client.readContract({ ...audits(), functionName: 'stateOf', args });
    const runs = await index.dataSource.manager.find(AuditRunEntity, { where: { auditId }, order: { place: 'ASC' } });
    expect(runs.map(({ stance }) => stance)).toEqual([STANCES[state.first], STANCES[state.second]]);
    expect(item ?? 0).toBe(state.item);
    expect(settledAt === null).toBe(state.open);
    for (const { auditor, commitment, traceRoot } of runs.filter(({ stance }) => stance !== 'drawn')) {
      const word = await chain.client.readContract({ ...audits(), functionName: 'wordOf', args: [auditId, auditor] });
      expect(traceRoot ?? commitment).toBe(word);
    }
  }
});

it('who confirmed was paid, who revealed nothing has forfeited, and stakes are what the registry says', async () => {
  const [confirmed, missed] = story.audits;
  const runs = await index.dataSource.manager.find(AuditRunEntity);
  expect(confirmed!.share).toBeGreaterThan(0n);
  expect(runs.map(({ paid }) => paid).filter((paid) => paid > 0n)).toEqual([confirmed!.share, confirmed!.share]);
  expect(runs.filter((run) => run.missed).map(({ forfeited }) => forfeited)).toEqual([missed!.share, missed!.share]);
  for (const { address, stake, locked } of await index.dataSource.manager.find(OperatorEntity)) {
    const registry = { address: chain.addresses.operatorRegistry, abi: operatorRegistryAbi } as const;
    const actual = await chain.client.readContract({ ...registry, functionName: 'operator', args: [address] });
    expect({ stake, locked }).toEqual({ stake: actual.stake, locked: actual.locked });
  }
});

it('credits are those of the contract, the treasury among them', async () => {
  const credits = await index.dataSource.manager.findBy(CreditEntity, { source: 'audits' });
  expect(credits.map(({ account }) => account)).toContain(lower(chain.deployment.protocolTreasury));
  for (const { account, asset, balance } of credits) {
    const args = [account, asset] as const;
    expect(balance).toBe(await chain.client.readContract({ ...audits(), functionName: 'creditOf', args }));
  }
});

it.each([1, 1_000])('a rebuild gives the same tables, byte for byte, %d blocks at a time', async (maxBlocks) => {
  const before = await dumpTables(index.dataSource);
  const second = await TestIndex.create(chain);
  try {
    await second.catchUp({ maxBlocks });
    expect(await dumpTables(second.dataSource)).toEqual(before);
  } finally {
    await second.close();
  }
});
