import { fixedPriceOfferingAbi } from '@openimo/contracts';
import { type Address, parseEther, parseEventLogs } from 'viem';
import { createOffering } from '../offering/create-offering.js';
import type { LocalRole } from '../session/accounts.js';
import type { Session } from '../session/session.js';
import { until } from '../session/until.js';
import { eth, gas, short, tokens } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import type { PublishedPair } from './publish.chapter.js';

export interface SoldToken {
  offering: Address;
  token: Address;
  buyers: readonly LocalRole[];
  /** Wei given back to investors by both sales. */
  refunded: bigint;
}

const SALE_SECONDS = 15;
const SOFT_CAP = parseEther('6');
const HARD_CAP = parseEther('15');
const UNREACHED_SOFT_CAP = parseEther('10');

/** Alice, Bob and Carol want 24 ETH worth of a token that sells for 15; Dave is alone with a sale that needs 10. */
const COMMITMENTS: readonly { buyer: LocalRole; amount: bigint }[] = [
  { buyer: 'alice', amount: parseEther('12') },
  { buyer: 'bob', amount: parseEther('8') },
  { buyer: 'carol', amount: parseEther('4') },
];
const LONELY_COMMITMENT = parseEther('2');

enum State {
  Refunding = 3,
  Settled = 4,
}

/** One sale is oversubscribed and settles pro rata, another misses its soft cap and pays everybody back. */
export async function offer(session: Session, output: Output, families: PublishedPair): Promise<SoldToken> {
  output.heading('2  Offer its token, and another that nobody wants');
  const publisher = session.actor('publisher');
  const terms = {
    softCap: SOFT_CAP,
    hardCap: HARD_CAP,
    walletCap: 0n,
    opensIn: 0,
    openFor: SALE_SECONDS,
    fundsRecipient: publisher.address,
    contributor: session.actor('contributor').address,
    team: session.actor('team').address,
  };

  const sale = await output.step(
    'Create token, sale and vesting escrow in one transaction',
    () =>
      createOffering(session, publisher, {
        ...terms,
        familyId: families.served.familyId,
        tokenName: 'Digits',
        tokenSymbol: 'DIGIT',
      }),
    ({ token, gasUsed }) => `DIGIT is ${short(token)} (${gas(gasUsed)})`,
  );
  const unwanted = await createOffering(session, publisher, {
    ...terms,
    familyId: families.withheld.familyId,
    softCap: UNREACHED_SOFT_CAP,
    tokenName: 'Unwanted',
    tokenSymbol: 'NONE',
  });
  output.fact(
    'terms',
    `500,000,000 DIGIT for ${eth(HARD_CAP)}, refund below ${eth(SOFT_CAP)}, closes in ${SALE_SECONDS} s`,
  );

  for (const { buyer, amount } of COMMITMENTS) {
    await output.step(
      `${buyer} commits`,
      () => commit(session, buyer, sale.offering, amount),
      (used) => `${buyer} commits ${eth(amount)} (${gas(used)})`,
    );
  }
  await output.step(
    'dave commits',
    () => commit(session, 'dave', unwanted.offering, LONELY_COMMITMENT),
    () => `dave commits ${eth(LONELY_COMMITMENT)} to the other sale, which needs ${eth(UNREACHED_SOFT_CAP)}`,
  );

  const settled = await output.step(
    `Both sales close; anyone settles`,
    async () => {
      const settledLogs = await settle(session, sale.offering);
      await settle(session, unwanted.offering);
      return settledLogs;
    },
    ({ raised, tokensSold, gasUsed }) =>
      `Settled: ${eth(raised)} raised, ${tokens(tokensSold)} DIGIT sold (${gas(gasUsed)})`,
  );
  await expectState(session, sale.offering, State.Settled);
  await expectState(session, unwanted.offering, State.Refunding);

  let refunded = 0n;
  for (const { buyer } of COMMITMENTS) {
    const outcome = await output.step(
      `${buyer} claims tokens`,
      () => claimTokens(session, buyer, sale.offering),
      ({ tokens: bought, refund, gasUsed }) =>
        `${buyer} gets ${tokens(bought)} DIGIT and ${eth(refund)} back (${gas(gasUsed)})`,
    );
    refunded += outcome.refund;
  }
  await output.step(
    'Everybody has claimed',
    () => publisher.write({ address: sale.offering, abi: fixedPriceOfferingAbi, functionName: 'collectRounding' }),
    () => 'Everybody has claimed; the wei that rounding kept back join the proceeds',
  );
  refunded += await output.step(
    'dave is refunded',
    () => refund(session, 'dave', unwanted.offering),
    (amount) => `The other sale failed: dave gets all of his ${eth(amount)} back`,
  );
  await output.step(
    'The first tranche of the proceeds is due',
    () =>
      publisher.write({
        address: sale.offering,
        abi: fixedPriceOfferingAbi,
        functionName: 'releaseTranche',
        args: [0n],
      }),
    () =>
      `Half of the proceeds, ${eth(settled.raised / 2n)}, goes to the publisher; for the rest buyers keep a right to exit`,
  );
  return { offering: sale.offering, token: sale.token, buyers: COMMITMENTS.map(({ buyer }) => buyer), refunded };
}

async function commit(session: Session, buyer: LocalRole, offering: Address, amount: bigint): Promise<bigint> {
  const receipt = await session.actor(buyer).write({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'commit',
    args: [amount, 0n, []],
    value: amount,
  });
  return receipt.gasUsed;
}

async function settle(session: Session, offering: Address) {
  const closesAt = BigInt(
    (await session.client.readContract({ address: offering, abi: fixedPriceOfferingAbi, functionName: 'terms' }))
      .closesAt,
  );
  await until(
    'the sale to close',
    () => session.client.getBlock(),
    (block) => block.timestamp >= closesAt,
  );
  const receipt = await session
    .actor('developer')
    .write({ address: offering, abi: fixedPriceOfferingAbi, functionName: 'settle' });
  const [event] = parseEventLogs({ abi: fixedPriceOfferingAbi, logs: receipt.logs, eventName: 'Settled' });
  return { raised: event?.args.raised ?? 0n, tokensSold: event?.args.tokensSold ?? 0n, gasUsed: receipt.gasUsed };
}

async function claimTokens(session: Session, buyer: LocalRole, offering: Address) {
  const { address } = session.actor(buyer);
  const outcome = await session.client.readContract({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'outcomeOf',
    args: [address],
  });
  const receipt = await session
    .actor(buyer)
    .write({ address: offering, abi: fixedPriceOfferingAbi, functionName: 'claimTokensFor', args: [address] });
  const returned = parseEventLogs({ abi: fixedPriceOfferingAbi, logs: receipt.logs, eventName: 'Refunded' });
  return {
    tokens: outcome.tokens,
    refund: returned.reduce((sum, { args }) => sum + args.amount, 0n),
    gasUsed: receipt.gasUsed,
  };
}

async function refund(session: Session, buyer: LocalRole, offering: Address): Promise<bigint> {
  const { address } = session.actor(buyer);
  const receipt = await session
    .actor('developer')
    .write({ address: offering, abi: fixedPriceOfferingAbi, functionName: 'refundFor', args: [address] });
  const [event] = parseEventLogs({ abi: fixedPriceOfferingAbi, logs: receipt.logs, eventName: 'Refunded' });
  return event!.args.amount;
}

async function expectState(session: Session, offering: Address, expected: State): Promise<void> {
  await until(
    'the sale to reach its end',
    () => session.client.readContract({ address: offering, abi: fixedPriceOfferingAbi, functionName: 'state' }),
    (state) => state === Number(expected),
    { timeoutMs: 5_000 },
  );
}
