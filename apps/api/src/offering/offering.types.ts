import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { connectionOf } from '../graphql/connection.js';
import { listArguments } from '../graphql/list-arguments.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { whereInput } from '../graphql/where.js';

export enum OfferingStatus {
  SELLING = 'selling',
  SETTLED = 'settled',
  REFUNDING = 'refunding',
}
registerEnumType(OfferingStatus, {
  name: 'OfferingStatus',
  description: 'What the contract says; SELLING until somebody settles. `phase` takes the clock into account.',
});

export enum OfferingPhase {
  SCHEDULED = 'scheduled',
  OPEN = 'open',
  CLOSED = 'closed',
  SETTLED = 'settled',
  REFUNDING = 'refunding',
}
registerEnumType(OfferingPhase, { name: 'OfferingPhase', description: 'CLOSED: over, and anybody may settle it.' });

export enum Oversubscription {
  PRO_RATA = 'proRata',
  SMALLEST_FIRST = 'smallestFirst',
}
registerEnumType(Oversubscription, {
  name: 'Oversubscription',
  description: 'Who gets how much when too much is committed.',
});

@ObjectType({ description: "The sale of a model's token. Amounts in units of `currency` unless they say tokens." })
export class Offering {
  @Field(() => AddressScalar)
  address: Address;

  @Field(() => AddressScalar)
  escrow: Address;

  @Field(() => AddressScalar)
  publisher: Address;

  @Field(() => AddressScalar, { description: 'The zero address is ETH.' })
  currency: Address;

  @Field(() => BigIntScalar, { description: 'Below it everything is refunded.' })
  softCap: bigint;

  @Field(() => BigIntScalar, { description: 'More than this is not accepted; it buys all that is `offered`.' })
  hardCap: bigint;

  @Field(() => BigIntScalar, { description: 'Tokens for sale.' })
  offered: bigint;

  @Field(() => BigIntScalar, { description: 'The most that one wallet may commit; 0: no limit.' })
  walletCap: bigint;

  @Field(() => HexScalar, { nullable: true, description: 'Set where only listed accounts may commit.' })
  allowListRoot: Hex | null;

  @Field(() => Oversubscription)
  oversubscription: Oversubscription;

  @Field(() => AddressScalar)
  fundsRecipient: Address;

  @Field(() => DateTimeScalar)
  opensAt: Date;

  @Field(() => DateTimeScalar)
  closesAt: Date;

  @Field(() => OfferingStatus)
  status: OfferingStatus;

  @Field(() => BigIntScalar, { description: 'Sum of all commitments now.' })
  committed: bigint;

  @Field(() => Int, { description: 'Accounts with a commitment now.' })
  buyerCount: number;

  @Field(() => BigIntScalar, { description: 'Proceeds, once settled.' })
  raised: bigint;

  @Field(() => BigIntScalar)
  tokensSold: bigint;

  @Field(() => BigIntScalar, { description: 'Unsold tokens, and rounding.' })
  tokensBurned: bigint;

  @Field(() => DateTimeScalar, { nullable: true })
  settledAt: Date | null;

  @Field(() => BigIntScalar)
  tokensClaimed: bigint;

  @Field(() => BigIntScalar, { description: 'Paid back to buyers.' })
  refunded: bigint;

  @Field(() => BigIntScalar, { description: 'Paid to the funds recipient.' })
  released: bigint;

  @Field(() => BigIntScalar, { description: 'Neither released nor given back to buyers who left.' })
  unreleased: bigint;

  @Field(() => BigIntScalar, { description: 'Tokens that buyers brought back for their money.' })
  tokensExited: bigint;

  @Field(() => BigIntScalar)
  exitsPaid: bigint;

  @Field(() => BigIntScalar)
  createdBlock: bigint;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  familyId: bigint;
  token: Address;
}

@ObjectType({ description: 'How far a raise is. Basis points, rounded down; more than 10,000 is more than the cap.' })
export class OfferingProgress {
  @Field(() => OfferingPhase)
  phase: OfferingPhase;

  @Field(() => BigIntScalar)
  softCapBps: bigint;

  @Field(() => BigIntScalar)
  hardCapBps: bigint;

  @Field(() => BigIntScalar, { description: 'What a whole token (1e18 units) costs, rounded up.' })
  tokenPrice: bigint;
}

@ObjectType({ description: 'A point of the raise as a curve.' })
export class RaisePoint {
  @Field(() => DateTimeScalar)
  at: Date;

  @Field(() => BigIntScalar, { description: 'Sum of all commitments then.' })
  committed: bigint;
}

@ObjectType({ description: 'A part of the proceeds and when it is released.' })
export class Tranche {
  @Field(() => Int)
  number: number;

  @Field(() => Int, { description: 'After settlement.' })
  delaySeconds: number;

  @Field(() => Int)
  shareBps: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Null before settlement.' })
  dueAt: Date | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Null until it is.' })
  released: bigint | null;

  @Field(() => DateTimeScalar, { nullable: true })
  releasedAt: Date | null;
}

@ObjectType({ description: 'Tokens that vest: team, contributors, liquidity. Seconds after settlement.' })
export class Grant {
  @Field(() => AddressScalar)
  escrow: Address;

  @Field(() => Int)
  grantId: number;

  @Field(() => AddressScalar)
  beneficiary: Address;

  @Field(() => BigIntScalar)
  amount: bigint;

  @Field(() => Int)
  cliffSeconds: number;

  @Field(() => Int)
  durationSeconds: number;

  @Field(() => BigIntScalar)
  released: bigint;

  offering: Address;
  token: Address;
}

@ObjectType({ description: 'What one buyer has in one sale, and had of it.' })
export class Commitment {
  @Field(() => AddressScalar)
  buyer: Address;

  @Field(() => BigIntScalar)
  committed: bigint;

  @Field({ description: 'Whether the tokens were sent.' })
  claimed: boolean;

  @Field(() => BigIntScalar)
  tokensClaimed: bigint;

  @Field(() => BigIntScalar, { description: 'Paid back so far.' })
  refunded: bigint;

  @Field(() => BigIntScalar, { description: 'Tokens brought back for money.' })
  tokensExited: bigint;

  @Field(() => BigIntScalar)
  exitPaid: bigint;

  @Field(() => DateTimeScalar)
  firstAt: Date;

  offering: Address;
}

@ObjectType({
  description:
    'What settlement gives a buyer: final after it; before it what settling now would give, where that needs no level.',
})
export class Outcome {
  @Field(() => BigIntScalar, { description: 'Of the commitment.' })
  accepted: bigint;

  @Field(() => BigIntScalar, { description: 'The rest: owed, or paid already.' })
  refund: bigint;

  @Field(() => BigIntScalar)
  tokens: bigint;

  @Field(() => BigIntScalar, { description: 'Of `refund`, what can be had now: nothing before settlement.' })
  refundOwed: bigint;

  @Field(() => BigIntScalar, { description: 'Of `tokens`, what can be claimed now: nothing before settlement.' })
  tokensClaimable: bigint;
}

export const OfferingConnection = connectionOf(Offering);
export const CommitmentConnection = connectionOf(Commitment);

export const OfferingWhere = whereInput('OfferingWhere', {
  address: AddressScalar,
  familyId: BigIntScalar,
  token: AddressScalar,
  publisher: AddressScalar,
  currency: AddressScalar,
  status: OfferingStatus,
  opensAt: DateTimeScalar,
  closesAt: DateTimeScalar,
  committed: BigIntScalar,
});

@ArgsType()
export class OfferingList extends listArguments({
  name: 'Offering',
  where: OfferingWhere,
  orders: ['createdBlock', 'opensAt', 'closesAt', 'committed', 'raised'],
  direction: 'desc',
}) {}

@ArgsType()
export class CommitmentList extends listArguments({
  name: 'Commitment',
  where: whereInput('CommitmentWhere', { buyer: AddressScalar, committed: BigIntScalar, claimed: Boolean }),
  orders: ['committed', 'firstBlock'],
  direction: 'desc',
}) {}
