import {
  fixedPriceOfferingAbi,
  inferenceOracleAbi,
  modelTokenAbi,
  operatorRegistryAbi,
  revenueRouterAbi,
} from '@openimo/contracts';
import { type Address, zeroAddress } from 'viem';
import type { Session } from '../session/session.js';
import type { Answered } from './ask.chapter.js';
import type { SoldToken } from './offer.chapter.js';
import type { PublishedPair } from './publish.chapter.js';

export interface Split {
  holders: bigint;
  publisher: bigint;
  operators: bigint;
  lineage: bigint;
  protocol: bigint;
}

export interface Check {
  what: string;
  /** Wei. */
  expected: bigint;
  actual: bigint;
}

export interface Reconciliation {
  fees: bigint;
  paid: Split;
  /** Fees that no recipient was credited with. */
  dust: bigint;
  checks: Check[];
}

const ETH = zeroAddress;

/**
 * Adds up what the chain says happened and compares it with what the contracts hold, in wei: the demo's fees against their
 * split, and the whole balance of every contract that holds money against all it owes.
 */
export async function reconcile(
  session: Session,
  { served }: PublishedPair,
  sold: SoldToken,
  answered: Answered,
): Promise<Reconciliation> {
  const fees = await finalFees(session, answered.requestIds);
  const paid = await paidOut(session, served.familyId);
  const dust = fees - (paid.holders + paid.publisher + paid.operators + paid.lineage + paid.protocol);
  const checks = [
    {
      what: 'fees of final requests = what was distributed',
      expected: fees,
      actual: await distributed(session, served.familyId),
    },
    await routerCheck(session),
    await oracleCheck(session),
    await operatorsCheck(session),
    await tokenCheck(session, sold.token),
    await offeringCheck(session, sold.offering),
  ];
  return { fees, paid, dust, checks };
}

async function finalFees(session: Session, requestIds: bigint[]): Promise<bigint> {
  const events = await session.client.getContractEvents({
    address: session.deployment.addresses.inferenceOracle,
    abi: inferenceOracleAbi,
    eventName: 'RequestFinalized',
    args: { requestId: requestIds },
    fromBlock: session.deployment.startBlock,
  });
  return sum(events, ({ args }) => args.fee);
}

function distributions(session: Session, familyId?: bigint) {
  return session.client.getContractEvents({
    address: session.deployment.addresses.revenueRouter,
    abi: revenueRouterAbi,
    eventName: 'Distributed',
    args: familyId === undefined ? {} : { familyId },
    fromBlock: session.deployment.startBlock,
  });
}

async function distributed(session: Session, familyId: bigint): Promise<bigint> {
  return sum(await distributions(session, familyId), ({ args }) => args.amount);
}

async function paidOut(session: Session, familyId: bigint): Promise<Split> {
  const events = await distributions(session, familyId);
  return {
    holders: sum(events, ({ args }) => args.split?.holders),
    publisher: sum(events, ({ args }) => args.split?.publisher),
    operators: sum(events, ({ args }) => args.split?.operator),
    lineage: sum(events, ({ args }) => args.split?.lineage),
    protocol: sum(events, ({ args }) => args.split?.protocol),
  };
}

/** The router owes every credited account, every parent family and every family's holders. */
async function routerCheck(session: Session): Promise<Check> {
  const router = { address: session.deployment.addresses.revenueRouter, abi: revenueRouterAbi } as const;
  const { client } = session;
  const { startBlock: fromBlock } = session.deployment;
  const [credited, all] = await Promise.all([
    client.getContractEvents({ ...router, eventName: 'Credited', fromBlock }),
    distributions(session),
  ]);
  const accounts = distinct(credited.map(({ args }) => args.account!));
  const families = distinct(all.map(({ args }) => args.familyId!));
  const parents = distinct(
    (await client.getContractEvents({ ...router, eventName: 'FamilyCredited', fromBlock })).map(
      ({ args }) => args.familyId!,
    ),
  );
  const owed = await Promise.all([
    ...accounts.map((account) => client.readContract({ ...router, functionName: 'creditOf', args: [account, ETH] })),
    ...parents.map((family) => client.readContract({ ...router, functionName: 'familyCreditOf', args: [family, ETH] })),
    ...families.map((family) =>
      client.readContract({ ...router, functionName: 'holdersPending', args: [family, ETH] }),
    ),
  ]);
  return {
    what: "router holds = credits + parent credits + holders' pending",
    expected: owed.reduce(add, 0n),
    actual: await client.getBalance({ address: router.address }),
  };
}

/** The oracle owes the escrow of every open request and every account's credit. */
async function oracleCheck(session: Session): Promise<Check> {
  const oracle = { address: session.deployment.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
  const { client } = session;
  const count = await client.readContract({ ...oracle, functionName: 'requestCount' });
  const ids = Array.from({ length: Number(count) }, (_, index) => BigInt(index + 1));
  const escrows = await Promise.all(
    ids.map(async (id) => {
      const { fee, gasPrepaid, status, asset } = await client.readContract({
        ...oracle,
        functionName: 'request',
        args: [id],
      });
      const feeHeld = asset === ETH && (status === 1 || status === 2) ? fee : 0n;
      return feeHeld + gasPrepaid;
    }),
  );
  const credited = await client.getContractEvents({
    ...oracle,
    eventName: 'CreditAdded',
    fromBlock: session.deployment.startBlock,
  });
  const credits = await Promise.all(
    distinct(credited.map(({ args }) => args.account!)).map((account) =>
      client.readContract({ ...oracle, functionName: 'creditOf', args: [account, ETH] }),
    ),
  );
  return {
    what: 'oracle holds = escrow of open requests + credits',
    expected: [...escrows, ...credits].reduce(add, 0n),
    actual: await client.getBalance({ address: oracle.address }),
  };
}

async function operatorsCheck(session: Session): Promise<Check> {
  const registry = { address: session.deployment.addresses.operatorRegistry, abi: operatorRegistryAbi } as const;
  const { client } = session;
  const registered = await client.getContractEvents({
    ...registry,
    eventName: 'OperatorRegistered',
    fromBlock: session.deployment.startBlock,
  });
  const stakes = await Promise.all(
    registered.map(async ({ args }) => {
      const { stake } = await client.readContract({ ...registry, functionName: 'operator', args: [args.operator!] });
      return stake;
    }),
  );
  return {
    what: 'operator registry holds = stakes',
    expected: stakes.reduce(add, 0n),
    actual: await client.getBalance({ address: registry.address }),
  };
}

/** The token holds all revenue that came less all that was claimed and redeemed. */
async function tokenCheck(session: Session, token: Address): Promise<Check> {
  const contract = { address: token, abi: modelTokenAbi, fromBlock: session.deployment.startBlock } as const;
  const [added, claimed, redeemed] = await Promise.all([
    session.client.getContractEvents({ ...contract, eventName: 'RevenueAdded' }),
    session.client.getContractEvents({ ...contract, eventName: 'RevenueClaimed' }),
    session.client.getContractEvents({ ...contract, eventName: 'Redeemed' }),
  ]);
  return {
    what: 'token holds = revenue - claimed - redeemed',
    expected:
      sum(added, ({ args }) => args.amount) -
      sum(claimed, ({ args }) => args.amount) -
      sum(redeemed, ({ args }) => args.amount),
    actual: await session.client.getBalance({ address: token }),
  };
}

/** After all claims, the sale holds the proceeds that are not yet released. */
async function offeringCheck(session: Session, offering: Address): Promise<Check> {
  const contract = { address: offering, abi: fixedPriceOfferingAbi } as const;
  return {
    what: 'sale holds = unreleased proceeds',
    expected: await session.client.readContract({ ...contract, functionName: 'unreleased' }),
    actual: await session.client.getBalance({ address: offering }),
  };
}

function sum<T>(items: readonly T[], amountOf: (item: T) => bigint | undefined): bigint {
  return items.reduce((total, item) => total + (amountOf(item) ?? 0n), 0n);
}

function add(left: bigint, right: bigint): bigint {
  return left + right;
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
