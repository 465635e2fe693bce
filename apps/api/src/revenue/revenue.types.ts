import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import { AddressScalar, BigIntScalar, DateTimeScalar } from '../graphql/scalars.js';

export enum RevenueInterval {
  HOUR = 'hour',
  DAY = 'day',
}
registerEnumType(RevenueInterval, { name: 'RevenueInterval' });

export const ETH: Address = '0x0000000000000000000000000000000000000000';

@ArgsType()
export class SeriesArguments {
  @Field(() => AddressScalar, { defaultValue: ETH, description: 'The zero address is ETH.' })
  asset: Address;

  @Field(() => RevenueInterval, { defaultValue: RevenueInterval.DAY })
  interval: RevenueInterval;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: '30 days (by day) or 48 hours (by hour) ago if not given.',
  })
  from?: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Exclusive; the present if not given.' })
  to?: Date;
}

@ObjectType({
  description: 'What holders received in an hour or a day (UTC), in units of the asset. Empty stretches are left out.',
})
export class RevenuePoint {
  @Field(() => DateTimeScalar)
  start: Date;

  @Field(() => BigIntScalar, { description: 'Began to stream.' })
  received: bigint;

  @Field(() => BigIntScalar)
  claimed: bigint;

  @Field(() => BigIntScalar, { description: 'Paid for burned tokens.' })
  redeemed: bigint;

  @Field(() => Int)
  receiptCount: number;
}

@ObjectType({
  description:
    'What went down a waterfall in an hour or a day (UTC), in units of the asset. The five parts sum to `amount`.',
})
export class FeePoint {
  @Field(() => DateTimeScalar)
  start: Date;

  @Field(() => Int)
  paymentCount: number;

  @Field(() => BigIntScalar)
  amount: bigint;

  @Field(() => BigIntScalar)
  operatorAmount: bigint;

  @Field(() => BigIntScalar)
  publisherAmount: bigint;

  @Field(() => BigIntScalar)
  lineageAmount: bigint;

  @Field(() => BigIntScalar)
  protocolAmount: bigint;

  @Field(() => BigIntScalar)
  holdersAmount: bigint;
}

@ObjectType({ description: 'What a token really yielded lately, to the hour. Nothing here is a promise.' })
export class RealisedYield {
  @Field(() => AddressScalar)
  asset: Address;

  @Field(() => Int)
  days: number;

  @Field(() => BigIntScalar, { description: 'In units of the asset.' })
  received: bigint;

  @Field(() => BigIntScalar)
  claimed: bigint;

  @Field(() => BigIntScalar, { description: 'What a whole token (1e18 units) received for claiming, rounded down.' })
  perToken: bigint;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'That over 365 days at the same pace, relative to the price in the sale, in basis points. Null where the sale was in another asset.',
  })
  annualisedBps: bigint | null;
}

@ObjectType({
  description: `What a family earned, and how much of it was paid by accounts that have no part in it.

Not organic is what its publisher paid (or who is to become it), an operator that is or was enrolled for one of its versions, a
contributor of its lineage, a holder of more than 1 % of its token's supply, and what no event names a payer for, such as income from
lineage. Parts and holdings are those of now. A publisher with many wallets can still pay itself.`,
})
export class OrganicRevenue {
  @Field(() => AddressScalar)
  asset: Address;

  @Field(() => Int, { description: 'Whole days (UTC), today included.' })
  days: number;

  @Field(() => BigIntScalar, { description: 'Everything that went down its waterfall.' })
  total: bigint;

  @Field(() => BigIntScalar)
  organic: bigint;

  @Field(() => Int, { description: 'Organic payers.' })
  payerCount: number;

  @Field(() => Int, { description: "The largest organic payer's share of `organic`, in basis points." })
  largestPayerBps: number;
}
