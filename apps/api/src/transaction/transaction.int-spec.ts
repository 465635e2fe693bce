import { fixedPriceOfferingAbi, modelTokenAbi } from '@openimo/contracts';
import type { Person } from '@openimo/testing';
import { type Address, type Hex, parseEther, zeroAddress } from 'viem';
import { IndexedChain } from '../testing/indexed-chain.js';
import { TestApi } from '../testing/test-api.js';

interface Prepared {
  to: Address;
  data: Hex;
  value: string;
  chainId: number;
  description: string;
}

let indexed: IndexedChain;
let api: TestApi;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.story.publish();
  api = await TestApi.start(indexed);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

async function prepare(field: string): Promise<Prepared[]> {
  const { transactions } = await api.read<{ transactions: Record<string, Prepared[]> }>(
    `{ transactions { prepared: ${field} { to data value chainId description } } }`,
  );
  return transactions['prepared']!;
}

async function send(person: Person, prepared: readonly Prepared[]): Promise<void> {
  for (const { to, data, value } of prepared) {
    const { status } = await indexed.chain.send(person, to, data, BigInt(value));
    expect(status).toBe('success');
  }
}

async function reasonOf(field: string): Promise<unknown> {
  const { errors } = await api.ask(`{ transactions { ${field} { to } } }`);
  return errors?.[0]!.extensions!['reason'];
}

it('what the API prepares takes an investor through a whole sale', async () => {
  const { chain, story } = indexed;
  const alice = chain.addressOf('alice');
  const { offering, token } = await story.offer(2n);
  const sale = { address: offering, abi: fixedPriceOfferingAbi } as const;
  await indexed.index();
  const commit = `commit(offering: "${offering}", amount: "${parseEther('6')}")`;
  expect(await reasonOf(commit)).toBe('OfferingNotOpen');

  await chain.passSeconds(6);
  await indexed.index();
  const [prepared] = await prepare(commit);
  expect(prepared).toMatchObject({ to: offering.toLowerCase(), value: `${parseEther('6')}`, chainId: 31_337 });
  expect(prepared!.description).toMatch(/^Commits 6 ETH to the sale of "Digits Token" \(DIG\).*2 ETH.*refunded/);
  expect(await reasonOf(`claimTokens(offering: "${offering}", buyer: "${alice}")`)).toBe('OfferingNotOver');
  await send('alice', [prepared!]);
  await send('alice', await prepare(`uncommit(offering: "${offering}", amount: "${parseEther('1')}", to: "${alice}")`));
  expect(await chain.client.readContract({ ...sale, functionName: 'commitmentOf', args: [alice] })).toBe(
    parseEther('5'),
  );

  await chain.passSeconds(40);
  await chain.do('carol', offering, fixedPriceOfferingAbi, 'settle', []);
  await indexed.index();
  await send('bob', await prepare(`claimTokens(offering: "${offering}", buyer: "${alice}")`));
  const bought = parseEther('250');
  const balanceOf = () =>
    chain.client.readContract({ address: token, abi: modelTokenAbi, functionName: 'balanceOf', args: [alice] });
  expect(await balanceOf()).toBe(bought);

  await story.distribute(2n, parseEther('1'));
  await chain.passSeconds(60);
  await indexed.index();
  const [claim] = await prepare(`claimRevenue(token: "${token}", to: "${alice}")`);
  expect(claim!.description).toMatch(/You keep your tokens/);
  await send('alice', [claim!]);
  await send('alice', await prepare(`redeem(token: "${token}", amount: "${parseEther('50')}", to: "${alice}")`));
  expect(await balanceOf()).toBe(parseEther('200'));
});

it('a failed sale pays back', async () => {
  const { chain, story } = indexed;
  const { offering } = await story.offer(1n);
  await chain.passSeconds(6);
  await story.commit('bob', { offering, token: zeroAddress, escrow: zeroAddress }, '1');
  await chain.passSeconds(40);
  await chain.do('carol', offering, fixedPriceOfferingAbi, 'settle', []);
  await indexed.index();
  const bob = chain.addressOf('bob');
  const before = await chain.client.getBalance({ address: bob });

  await send('carol', await prepare(`refund(offering: "${offering}", buyer: "${bob}")`));

  expect((await chain.client.getBalance({ address: bob })) - before).toBe(parseEther('1'));
});

it('nothing is prepared for strangers’ contracts or for nothing', async () => {
  const someone = indexed.chain.addressOf('carol');
  expect(await reasonOf(`commit(offering: "${someone}", amount: 1)`)).toBe('OfferingUnknown');
  expect(await reasonOf(`claimRevenue(token: "${someone}", to: "${someone}")`)).toBe('TokenUnknown');
  const { token } = indexed.story.sales[0]!;
  expect(await reasonOf(`redeem(token: "${token}", amount: 0, to: "${someone}")`)).toBe('AmountNotPositive');
});
