import {
  fixedPriceOfferingAbi,
  inferenceOracleAbi,
  modelTokenAbi,
  operatorRegistryAbi,
  revenueRouterAbi,
} from '@openimo/contracts';
import { type Address, zeroAddress } from 'viem';
import type { Session } from '../session/session.js';
import { type Snapshot, takeSnapshot } from '../session/snapshot.js';
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
  const chain = await takeSnapshot(session);
  const fees = await finalFees(chain, answered.requestIds);
  const paid = await paidOut(chain, served.familyId);
  const dust = fees - (paid.holders + paid.publisher + paid.operators + paid.lineage + paid.protocol);
  const checks = [
    {
      what: 'fees of final requests = what was distributed',
      expected: fees,
      actual: await distributed(chain, served.familyId),
    },
    await routerCheck(chain),
    await oracleCheck(chain),
    await operatorsCheck(chain),
    await tokenCheck(chain, sold.token),
    await offeringCheck(chain, sold.offering),
  ];
  return { fees, paid, dust, checks };
}

async function finalFees(chain: Snapshot, requestIds: bigint[]): Promise<bigint> {
  const events = await chain.getContractEvents({
    address: chain.deployment.addresses.inferenceOracle,
    abi: inferenceOracleAbi,
    eventName: 'RequestFinalized',
    args: { requestId: requestIds },
  });
  return sum(events, ({ args }) => args.fee);
}

function distributions(chain: Snapshot, familyId?: bigint) {
  return chain.getContractEvents({
    address: chain.deployment.addresses.revenueRouter,
    abi: revenueRouterAbi,
    eventName: 'Distributed',
    args: familyId === undefined ? {} : { familyId },
  });
}

async function distributed(chain: Snapshot, familyId: bigint): Promise<bigint> {
  return sum(await distributions(chain, familyId), ({ args }) => args.amount);
}

async function paidOut(chain: Snapshot, familyId: bigint): Promise<Split> {
  const events = await distributions(chain, familyId);
  return {
    holders: sum(events, ({ args }) => args.split?.holders),
    publisher: sum(events, ({ args }) => args.split?.publisher),
    operators: sum(events, ({ args }) => args.split?.operator),
    lineage: sum(events, ({ args }) => args.split?.lineage),
    protocol: sum(events, ({ args }) => args.split?.protocol),
  };
}

/** The router owes every credited account, every parent family and every family's holders. */
async function routerCheck(chain: Snapshot): Promise<Check> {
  const router = { address: chain.deployment.addresses.revenueRouter, abi: revenueRouterAbi } as const;
  const [credited, all] = await Promise.all([
    chain.getContractEvents({ ...router, eventName: 'Credited' }),
    distributions(chain),
  ]);
  const accounts = distinct(credited.map(({ args }) => args.account!));
  const families = distinct(all.map(({ args }) => args.familyId!));
  const parents = distinct(
    (await chain.getContractEvents({ ...router, eventName: 'FamilyCredited' })).map(({ args }) => args.familyId!),
  );
  const owed = await Promise.all([
    ...accounts.map((account) => chain.readContract({ ...router, functionName: 'creditOf', args: [account, ETH] })),
    ...parents.map((family) => chain.readContract({ ...router, functionName: 'familyCreditOf', args: [family, ETH] })),
    ...families.map((family) => chain.readContract({ ...router, functionName: 'holdersPending', args: [family, ETH] })),
  ]);
  return {
    what: "router holds = credits + parent credits + holders' pending",
    expected: owed.reduce(add, 0n),
    actual: await chain.getBalance(router.address),
  };
}

/** The oracle owes the fee and gas of every request that is not settled, and every account's credit. */
async function oracleCheck(chain: Snapshot): Promise<Check> {
  const oracle = { address: chain.deployment.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
  const [opened, finalized, refunded, gasSettled, credited] = await Promise.all([
    chain.getContractEvents({ ...oracle, eventName: 'RequestOpened' }),
    chain.getContractEvents({ ...oracle, eventName: 'RequestFinalized' }),
    chain.getContractEvents({ ...oracle, eventName: 'RequestRefunded' }),
    chain.getContractEvents({ ...oracle, eventName: 'GasSettled' }),
    chain.getContractEvents({ ...oracle, eventName: 'CreditAdded' }),
  ]);
  const credits = await Promise.all(
    distinct(credited.map(({ args }) => args.account!)).map((account) =>
      chain.readContract({ ...oracle, functionName: 'creditOf', args: [account, ETH] }),
    ),
  );
  const escrowed = sum(opened, ({ args }) => args.fee! + args.gasPrepaid!);
  const settled =
    sum(finalized, ({ args }) => args.fee) +
    sum(refunded, ({ args }) => args.fee! + args.gasPrepaid!) +
    sum(gasSettled, ({ args }) => args.paid! + args.returned!);
  return {
    what: 'oracle holds = escrow of open requests + credits',
    expected: escrowed - settled + credits.reduce(add, 0n),
    actual: await chain.getBalance(oracle.address),
  };
}

async function operatorsCheck(chain: Snapshot): Promise<Check> {
  const registry = { address: chain.deployment.addresses.operatorRegistry, abi: operatorRegistryAbi } as const;
  const registered = await chain.getContractEvents({
    ...registry,
    eventName: 'OperatorRegistered',
  });
  const stakes = await Promise.all(
    registered.map(async ({ args }) => {
      const { stake } = await chain.readContract({ ...registry, functionName: 'operator', args: [args.operator!] });
      return stake;
    }),
  );
  return {
    what: 'operator registry holds = stakes',
    expected: stakes.reduce(add, 0n),
    actual: await chain.getBalance(registry.address),
  };
}

/** The token holds all revenue that came less all that was claimed and redeemed. */
async function tokenCheck(chain: Snapshot, token: Address): Promise<Check> {
  const contract = { address: token, abi: modelTokenAbi } as const;
  const [added, claimed, redeemed] = await Promise.all([
    chain.getContractEvents({ ...contract, eventName: 'RevenueAdded' }),
    chain.getContractEvents({ ...contract, eventName: 'RevenueClaimed' }),
    chain.getContractEvents({ ...contract, eventName: 'Redeemed' }),
  ]);
  return {
    what: 'token holds = revenue - claimed - redeemed',
    expected:
      sum(added, ({ args }) => args.amount) -
      sum(claimed, ({ args }) => args.amount) -
      sum(redeemed, ({ args }) => args.amount),
    actual: await chain.getBalance(token),
  };
}

/** After all claims, the sale holds the proceeds that are not yet released. */
async function offeringCheck(chain: Snapshot, offering: Address): Promise<Check> {
  const contract = { address: offering, abi: fixedPriceOfferingAbi } as const;
  return {
    what: 'sale holds = unreleased proceeds',
    expected: await chain.readContract({ ...contract, functionName: 'unreleased' }),
    actual: await chain.getBalance(offering),
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
