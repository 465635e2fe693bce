import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import { AddressScalar, BigIntScalar, DateTimeScalar } from '../graphql/scalars.js';
import { OfferingStatus } from '../offering/offering.types.js';

@ObjectType({ description: 'A token that the account holds.' })
export class DashboardHolding {
  @Field(() => AddressScalar)
  token: Address;

  @Field()
  name: string;

  @Field()
  symbol: string;

  @Field(() => BigIntScalar)
  familyId: string;

  @Field(() => BigIntScalar)
  balance: string;

  @Field(() => BigIntScalar)
  totalSupply: string;

  @Field(() => Int)
  holderCount: number;

  @Field(() => BigIntScalar, { description: 'ETH that it was paid, in wei.' })
  claimed: string;
}

@ObjectType({ description: 'A sale that the account takes or took part in, and what it gets.' })
export class DashboardCommitment {
  @Field(() => AddressScalar)
  offering: Address;

  @Field()
  symbol: string;

  @Field(() => OfferingStatus)
  status: string;

  @Field(() => BigIntScalar)
  committed: string;

  @Field(() => BigIntScalar)
  accepted: string;

  @Field(() => BigIntScalar)
  refund: string;

  @Field(() => BigIntScalar)
  tokens: string;
}

@ObjectType({ description: 'Revenue that the account was paid.' })
export class DashboardClaim {
  @Field(() => AddressScalar)
  token: Address;

  @Field(() => AddressScalar)
  asset: Address;

  @Field(() => BigIntScalar)
  amount: string;

  @Field(() => DateTimeScalar)
  at: string;
}

@ObjectType({ description: 'Revenue in ETH of one day (UTC), in wei.' })
export class DashboardRevenue {
  @Field(() => DateTimeScalar)
  start: string;

  @Field(() => BigIntScalar)
  received: string;

  @Field(() => BigIntScalar)
  claimed: string;
}

@ObjectType({ description: "All that an investor's first page shows, as of one block." })
export class Dashboard {
  @Field(() => BigIntScalar, { nullable: true })
  indexedBlock: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  indexedAt: string | null;

  @Field(() => [DashboardHolding], { description: 'The 20 largest.' })
  holdings: DashboardHolding[];

  @Field(() => [DashboardCommitment], { description: 'The newest 20.' })
  commitments: DashboardCommitment[];

  @Field(() => [DashboardClaim], { description: 'The newest 10.' })
  claims: DashboardClaim[];

  @Field(() => [DashboardRevenue], { description: 'Of the tokens in `holdings` together.' })
  revenue: DashboardRevenue[];

  @Field(() => [DashboardRevenue], { description: 'Of all tokens together.' })
  platformRevenue: DashboardRevenue[];
}
