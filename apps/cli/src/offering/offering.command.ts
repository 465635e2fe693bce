import { fixedPriceOfferingAbi, modelTokenAbi } from '@openimo/contracts';
import { type Address, parseEventLogs } from 'viem';
import { etherAmount } from '../input/amount.js';
import { wholeNumber } from '../input/whole-number.js';
import { type Session, parseRole } from '../session/session.js';
import { eth, gas, tokens } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { createOffering } from './create-offering.js';
import { findOffering } from './find-offering.js';

const YEAR_SECONDS = 31_536_000n;
const STATES = ['scheduled', 'open', 'closed, waiting for anyone to settle', 'refunding', 'settled'] as const;

export interface CreateOptions {
  as: string;
  name: string;
  symbol: string;
  softCap: string;
  hardCap: string;
  walletCap: string;
  openFor: string;
}

export async function create(
  session: Session,
  output: Output,
  familyId: string,
  options: CreateOptions,
): Promise<void> {
  const publisher = session.actor(parseRole(options.as));
  const created = await createOffering(session, publisher, {
    familyId: wholeNumber(familyId, 'The family'),
    tokenName: options.name,
    tokenSymbol: options.symbol,
    softCap: etherAmount(options.softCap, 'The soft cap'),
    hardCap: etherAmount(options.hardCap, 'The hard cap'),
    walletCap: etherAmount(options.walletCap, 'The cap of a wallet'),
    opensIn: 0,
    openFor: Number(wholeNumber(options.openFor, 'The time that it is open', { least: 1n, most: YEAR_SECONDS })),
    fundsRecipient: publisher.address,
    contributor: session.actor('contributor').address,
    team: session.actor('team').address,
  });
  output.fact('offering', created.offering);
  output.fact('token', created.token);
  output.fact('vesting escrow', created.escrow);
  output.fact('gas', gas(created.gasUsed));
}

export async function show(session: Session, output: Output, which: string): Promise<void> {
  const offering = await findOffering(session, which);
  const contract = { address: offering, abi: fixedPriceOfferingAbi } as const;
  const read = session.client.readContract;
  const [state, terms, committed, buyers, sold, token] = await Promise.all([
    read({ ...contract, functionName: 'state' }),
    read({ ...contract, functionName: 'terms' }),
    read({ ...contract, functionName: 'totalCommitted' }),
    read({ ...contract, functionName: 'buyerCount' }),
    read({ ...contract, functionName: 'tokensSold' }),
    read({ ...contract, functionName: 'token' }),
  ]);
  output.fact('offering', offering);
  output.fact('token', token);
  output.fact('state', STATES[state] ?? String(state));
  output.fact(
    'committed',
    `${eth(committed)} by ${buyers} buyers; needs ${eth(terms.softCap)}, takes ${eth(terms.hardCap)}`,
  );
  output.fact('closes', new Date(Number(terms.closesAt) * 1000).toLocaleString());
  if (sold > 0n) output.fact('sold', `${tokens(sold)} tokens`);
}

export async function commit(
  session: Session,
  output: Output,
  which: string,
  as: string,
  amount: string,
): Promise<void> {
  const value = etherAmount(amount, 'The amount');
  await act(session, output, which, as, `commits ${eth(value)}`, (offering) => ({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'commit' as const,
    args: [value, 0n, []] as const,
    value,
  }));
}

export async function uncommit(
  session: Session,
  output: Output,
  which: string,
  as: string,
  amount: string,
): Promise<void> {
  const value = etherAmount(amount, 'The amount');
  const { address } = session.actor(parseRole(as));
  await act(session, output, which, as, `takes back ${eth(value)}`, (offering) => ({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'uncommit' as const,
    args: [value, address] as const,
  }));
}

export async function settle(session: Session, output: Output, which: string, as: string): Promise<void> {
  await act(session, output, which, as, 'settles', (offering) => ({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'settle' as const,
  }));
  await show(session, output, which);
}

export async function claimTokens(session: Session, output: Output, which: string, as: string): Promise<void> {
  const { address } = session.actor(parseRole(as));
  await act(session, output, which, as, 'claims tokens', (offering) => ({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'claimTokensFor' as const,
    args: [address] as const,
  }));
}

export async function refund(session: Session, output: Output, which: string, as: string): Promise<void> {
  const { address } = session.actor(parseRole(as));
  await act(session, output, which, as, 'takes the refund', (offering) => ({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'refundFor' as const,
    args: [address] as const,
  }));
}

/** Pays out everything the token owes the account. */
export async function claimRevenue(session: Session, output: Output, which: string, as: string): Promise<void> {
  const offering = await findOffering(session, which);
  const token = await session.client.readContract({
    address: offering,
    abi: fixedPriceOfferingAbi,
    functionName: 'token',
  });
  const actor = session.actor(parseRole(as));
  const receipt = await actor.write({
    address: token,
    abi: modelTokenAbi,
    functionName: 'claimAll',
    args: [actor.address],
  });
  const claimed = parseEventLogs({ abi: modelTokenAbi, logs: receipt.logs, eventName: 'RevenueClaimed' });
  const total = claimed.reduce((sum, { args }) => sum + args.amount, 0n);
  output.line(`${as} claims ${eth(total)} of revenue (${gas(receipt.gasUsed)})`);
}

async function act(
  session: Session,
  output: Output,
  which: string,
  as: string,
  what: string,
  callOf: (offering: Address) => Parameters<ReturnType<Session['actor']>['write']>[0],
): Promise<void> {
  const offering = await findOffering(session, which);
  const receipt = await session.actor(parseRole(as)).write(callOf(offering));
  output.line(`${as} ${what} (${gas(receipt.gasUsed)})`);
}
