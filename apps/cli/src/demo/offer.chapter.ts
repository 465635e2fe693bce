import { fixedPriceOfferingAbi } from '@openimo/contracts';
import { type Address, parseEther, parseEventLogs } from 'viem';
import { createOffering } from '../offering/create-offering.js';
import type { LocalRole } from '../session/accounts.js';
import type { Session } from '../session/session.js';
import { until } from '../session/until.js';
import { eth, gas, short, tokens } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import type { Figures } from './figures.js';
import type { PublishedPair } from './publish.chapter.js';
import { COMMITMENT, OFFERING } from './queries.js';

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
export async function offer(
  session: Session,
  output: Output,
  figures: Figures,
  families: PublishedPair,
): Promise<SoldToken> {
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
  await tellTerms(session, output, figures, sale.offering);

  for (const { buyer, amount } of COMMITMENTS) {
    await output.step(
      `${buyer} commits`,
      () => commit(session, figures, buyer, sale.offering, amount),
      ({ committed, gasUsed }) => `${buyer} commits ${eth(committed)} (${gas(gasUsed)})`,
    );
  }
  await output.step(
    'dave commits',
    () => commit(session, figures, 'dave', unwanted.offering, LONELY_COMMITMENT),
    ({ committed }) => `dave commits ${eth(committed)} to the other sale, which needs ${eth(UNREACHED_SOFT_CAP)}`,
  );

  await output.step(
    `Both sales close; anyone settles`,
    async () => {
      const settledLogs = await settle(session, sale.offering);
      await settle(session, unwanted.offering);
      const { offering: told } = await figures.read(OFFERING, { offering: sale.offering });
      return {
        ...settledLogs,
        raised: figures.check('raised', told.raised, settledLogs.raised),
        tokensSold: figures.check('tokens sold', told.tokensSold, settledLogs.tokensSold),
      };
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
      () => claimTokens(session, figures, buyer, sale.offering),
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
    () => refund(session, figures, 'dave', unwanted.offering),
    (amount) => `The other sale failed: dave gets all of his ${eth(amount)} back`,
  );
  await output.step(
    'The first tranche of the proceeds is due',
    async () => {
      const receipt = await publisher.write({
        address: sale.offering,
        abi: fixedPriceOfferingAbi,
        functionName: 'releaseTranche',
        args: [0n],
      });
      const [event] = parseEventLogs({
        abi: fixedPriceOfferingAbi,
        logs: receipt.logs,
        eventName: 'TrancheReleased',
      });
      const { offering: told } = await figures.read(OFFERING, { offering: sale.offering });
      return figures.check('released', told.released, event!.args.amount);
    },
    (released) =>
      `Half of the proceeds, ${eth(released)}, goes to the publisher; for the rest buyers keep a right to exit`,
  );
  return { offering: sale.offering, token: sale.token, buyers: COMMITMENTS.map(({ buyer }) => buyer), refunded };
}

/** What is on sale, as GraphQL tells it. */
async function tellTerms(session: Session, output: Output, figures: Figures, offering: Address): Promise<void> {
  const contract = { address: offering, abi: fixedPriceOfferingAbi } as const;
  const [{ offering: told }, terms, offered] = await Promise.all([
    figures.read(OFFERING, { offering }),
    session.client.readContract({ ...contract, functionName: 'terms' }),
    session.client.readContract({ ...contract, functionName: 'offered' }),
  ]);
  output.fact(
    'terms',
    `${tokens(figures.check('tokens on offer', told.offered, offered))} DIGIT for ` +
      `${eth(figures.check('hard cap', told.hardCap, terms.hardCap))}, refund below ` +
      `${eth(figures.check('soft cap', told.softCap, terms.softCap))}, closes in ${SALE_SECONDS} s`,
  );
}

async function commit(session: Session, figures: Figures, buyer: LocalRole, offering: Address, amount: bigint) {
  const { address } = session.actor(buyer);
  const receipt = await session.actor(buyer).write({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'commit',
    args: [amount, 0n, []],
    value: amount,
  });
  const [{ offering: told }, actual] = await Promise.all([
    figures.read(COMMITMENT, { offering, buyer: address }),
    session.client.readContract({
      address: offering,
      abi: fixedPriceOfferingAbi,
      functionName: 'commitmentOf',
      args: [address],
    }),
  ]);
  const committed = figures.check(`what ${buyer} committed`, told.commitment.committed, actual);
  return { committed, gasUsed: receipt.gasUsed };
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

async function claimTokens(session: Session, figures: Figures, buyer: LocalRole, offering: Address) {
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
  const { offering: told } = await figures.read(COMMITMENT, { offering, buyer: address });
  return {
    tokens: figures.check(`what ${buyer} bought`, told.commitment.tokensClaimed, outcome.tokens),
    refund: figures.check(
      `what ${buyer} got back`,
      told.commitment.refunded,
      returned.reduce((sum, { args }) => sum + args.amount, 0n),
    ),
    gasUsed: receipt.gasUsed,
  };
}

async function refund(session: Session, figures: Figures, buyer: LocalRole, offering: Address): Promise<bigint> {
  const { address } = session.actor(buyer);
  const receipt = await session
    .actor('developer')
    .write({ address: offering, abi: fixedPriceOfferingAbi, functionName: 'refundFor', args: [address] });
  const [event] = parseEventLogs({ abi: fixedPriceOfferingAbi, logs: receipt.logs, eventName: 'Refunded' });
  const { offering: told } = await figures.read(COMMITMENT, { offering, buyer: address });
  return figures.check(`what ${buyer} got back`, told.commitment.refunded, event!.args.amount);
}

async function expectState(session: Session, offering: Address, expected: State): Promise<void> {
  await until(
    'the sale to reach its end',
    () => session.client.readContract({ address: offering, abi: fixedPriceOfferingAbi, functionName: 'state' }),
    (state) => state === Number(expected),
    { timeoutMs: 5_000 },
  );
}
