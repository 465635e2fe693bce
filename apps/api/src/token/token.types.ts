import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { connectionOf } from '../graphql/connection.js';
import { listArguments } from '../graphql/list-arguments.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { whereInput } from '../graphql/where.js';

@ObjectType({ description: 'A model token (ERC-7641), 18 decimals: revenue streams to whoever holds it.' })
export class Token {
  @Field(() => AddressScalar)
  address: Address;

  @Field()
  name: string;

  @Field()
  symbol: string;

  @Field(() => BigIntScalar)
  initialSupply: bigint;

  @Field(() => BigIntScalar)
  totalSupply: bigint;

  @Field(() => Int, { description: 'The part of revenue that can be claimed; the rest is for tokens that are burned.' })
  claimableBps: number;

  @Field(() => Int, { description: 'A payment streams over at most this time.' })
  streamPeriodSeconds: number;

  @Field(() => [AddressScalar], { description: 'What revenue comes in; the zero address is ETH.' })
  assets: Address[];

  @Field({ description: "Whether it is its family's token: its sale succeeded." })
  bound: boolean;

  @Field(() => Int, { description: 'Accounts with a balance now, contracts included.' })
  holderCount: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'From when on revenue streams. Null until the sale settles.',
  })
  revenueOpensAt: Date | null;

  @Field(() => BigIntScalar)
  createdBlock: bigint;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  familyId: bigint;
  offering: Address;
}

@ObjectType({ description: 'An amount, in the smallest unit of an asset.' })
export class AssetAmount {
  @Field(() => AddressScalar, { description: 'The zero address is ETH.' })
  asset: Address;

  @Field(() => BigIntScalar)
  amount: bigint;
}

@ObjectType({ description: 'What an account was paid by a token in one asset.' })
export class PaidRevenue {
  @Field(() => AddressScalar)
  asset: Address;

  @Field(() => BigIntScalar)
  claimed: bigint;

  @Field(() => Int)
  claimCount: number;

  @Field(() => BigIntScalar, { description: 'For tokens burned.' })
  redeemed: bigint;
}

@ObjectType({ description: 'What an account has of a token.' })
export class Holding {
  @Field(() => AddressScalar)
  holder: Address;

  @Field(() => BigIntScalar)
  balance: bigint;

  @Field(() => BigIntScalar, { description: 'Block of the first receipt.' })
  firstBlock: bigint;

  token: Address;
}

@ObjectType({
  description:
    'In whose hands a token is. Shares of what circulates: the supply without what its own sale and escrow hold. Basis points, rounded down.',
})
export class Concentration {
  @Field(() => BigIntScalar)
  circulating: bigint;

  @Field(() => Int)
  largestBps: number;

  @Field(() => Int)
  top10Bps: number;

  @Field(() => Int)
  top100Bps: number;

  @Field(() => Int, {
    description:
      'Herfindahl-Hirschman index of the 1,000 largest: squared shares in percent, summed; 10,000 is a single holder.',
  })
  herfindahl: number;
}

@ObjectType({ description: 'A payment of revenue to an account.' })
export class Claim {
  @Field(() => AddressScalar)
  account: Address;

  @Field(() => AddressScalar)
  asset: Address;

  @Field(() => AddressScalar)
  to: Address;

  @Field(() => BigIntScalar)
  amount: bigint;

  @Field(() => BigIntScalar)
  blockNumber: bigint;

  @Field(() => HexScalar)
  transactionHash: Hex;

  @Field(() => DateTimeScalar)
  at: Date;

  token: Address;
}

@ObjectType({ description: 'Revenue that began to stream.' })
export class RevenueEvent {
  @Field(() => AddressScalar)
  asset: Address;

  @Field(() => AddressScalar, { nullable: true, description: 'Null for what arrived without a notification.' })
  from: Address | null;

  @Field(() => BigIntScalar)
  amount: bigint;

  @Field(() => BigIntScalar)
  blockNumber: bigint;

  @Field(() => HexScalar)
  transactionHash: Hex;

  @Field(() => DateTimeScalar)
  at: Date;
}

export const TokenConnection = connectionOf(Token);
export const HoldingConnection = connectionOf(Holding);
export const ClaimConnection = connectionOf(Claim);
export const RevenueEventConnection = connectionOf(RevenueEvent);

@ArgsType()
export class TokenList extends listArguments({
  name: 'Token',
  where: whereInput('TokenWhere', {
    address: AddressScalar,
    familyId: BigIntScalar,
    symbol: String,
    name: String,
    bound: Boolean,
    holderCount: Int,
  }),
  orders: ['createdBlock', 'holderCount', 'symbol', 'name', 'totalSupply'],
  direction: 'desc',
}) {}

@ArgsType()
export class HoldingList extends listArguments({
  name: 'Holding',
  where: whereInput('HoldingWhere', { holder: AddressScalar, token: AddressScalar, balance: BigIntScalar }),
  orders: ['balance', 'firstBlock'],
  direction: 'desc',
}) {}

@ArgsType()
export class ClaimList extends listArguments({
  name: 'Claim',
  where: whereInput('ClaimWhere', {
    asset: AddressScalar,
    token: AddressScalar,
    account: AddressScalar,
    at: DateTimeScalar,
  }),
  orders: ['blockNumber'],
  direction: 'desc',
}) {}

@ArgsType()
export class RevenueEventList extends listArguments({
  name: 'RevenueEvent',
  where: whereInput('RevenueEventWhere', { asset: AddressScalar, at: DateTimeScalar }),
  orders: ['blockNumber'],
  direction: 'desc',
}) {}
