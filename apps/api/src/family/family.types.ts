import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import { connectionOf } from '../graphql/connection.js';
import { listArguments } from '../graphql/list-arguments.js';
import { AddressScalar, BigIntScalar, DateTimeScalar } from '../graphql/scalars.js';
import { whereInput } from '../graphql/where.js';

@ObjectType({
  description: "A publisher's model: its versions, its token and how its fees are split. Shares in basis points.",
})
export class Family {
  @Field(() => BigIntScalar)
  familyId: bigint;

  @Field()
  name: string;

  @Field(() => AddressScalar)
  publisher: Address;

  @Field(() => AddressScalar, {
    nullable: true,
    description: 'Who is to become the publisher and has not accepted yet.',
  })
  pendingPublisher: Address | null;

  @Field(() => Int, { description: 'What the operator who answered gets of a fee.' })
  operatorBps: number;

  @Field(() => Int, { description: 'What the publisher gets of a fee, until `nextPublisherBpsAt`.' })
  publisherBps: number;

  @Field(() => Int, { nullable: true })
  nextPublisherBps: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'From when on `nextPublisherBps` holds.' })
  nextPublisherBpsAt: Date | null;

  @Field(() => Int, { description: 'What parents and contributors get of a fee, together.' })
  lineageBps: number;

  @Field(() => Int, { description: "The least that the token's holders get of a fee." })
  holdersFloorBps: number;

  @Field(() => [AddressScalar], { description: 'What fees may be paid in; the zero address is ETH.' })
  assets: Address[];

  @Field(() => Int)
  versionCount: number;

  @Field(() => Int)
  offeringCount: number;

  @Field(() => Int, { description: 'Requests made to any of its versions.' })
  requestCount: number;

  @Field(() => BigIntScalar)
  createdBlock: bigint;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  /** Field `token` has the whole of it. */
  token: Address | null;
}

@ObjectType({
  description: 'Whom a family descends from: another family, or a contributor. Exactly one of the two is set.',
})
export class LineageParty {
  @Field(() => Int)
  position: number;

  @Field(() => AddressScalar, { nullable: true })
  contributor: Address | null;

  @Field(() => Int, { description: 'Its share of a fee.' })
  shareBps: number;

  familyId: bigint;
  parentFamilyId: bigint | null;
}

export const FamilyConnection = connectionOf(Family);

export const FamilyWhere = whereInput('FamilyWhere', {
  familyId: BigIntScalar,
  name: String,
  publisher: AddressScalar,
  token: AddressScalar,
  requestCount: Int,
  offeringCount: Int,
  createdAt: DateTimeScalar,
});

@ArgsType()
export class FamilyList extends listArguments({
  name: 'Family',
  where: FamilyWhere,
  orders: ['familyId', 'createdBlock', 'requestCount', 'name'],
}) {}
