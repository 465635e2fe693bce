import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { connectionOf } from '../graphql/connection.js';
import { listArguments } from '../graphql/list-arguments.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { whereInput } from '../graphql/where.js';

export enum StakeEventKind {
  ADDED = 'added',
  LOCKED = 'locked',
  UNLOCKED = 'unlocked',
  SLASHED = 'slashed',
  EXIT_REQUESTED = 'exitRequested',
  EXIT_CANCELLED = 'exitCancelled',
  WITHDRAWN = 'withdrawn',
}
registerEnumType(StakeEventKind, { name: 'StakeEventKind' });

@ObjectType({ description: 'Who runs models, with stake at risk. Amounts in wei.' })
export class Operator {
  @Field(() => AddressScalar)
  address: Address;

  @Field({ description: 'As the operator gave it.' })
  endpoint: string;

  @Field(() => BigIntScalar)
  stake: bigint;

  @Field(() => BigIntScalar, { description: 'Of `stake`, behind answers that are not final.' })
  locked: bigint;

  @Field(() => BigIntScalar, { description: 'Of `stake`, about to be withdrawn.' })
  exiting: bigint;

  @Field(() => DateTimeScalar, { nullable: true })
  exitAt: Date | null;

  @Field(() => BigIntScalar, { description: 'All that was ever taken from it.' })
  slashed: bigint;

  @Field(() => Int, { description: 'Versions it serves now.' })
  enrolmentCount: number;

  @Field(() => Int)
  assertionCount: number;

  @Field(() => Int)
  finalCount: number;

  @Field(() => Int, { description: 'Answers proven wrong.' })
  voidedCount: number;

  @Field(() => Int, { description: 'Disputes against its answers, ever.' })
  disputeCount: number;

  @Field(() => Int, { description: 'Disputes that the challenger lost.' })
  disputeWonCount: number;

  @Field(() => Int, { description: 'Times it did not answer when it was its turn.' })
  penaltyCount: number;

  @Field(() => BigIntScalar)
  registeredBlock: bigint;

  @Field(() => DateTimeScalar)
  registeredAt: Date;
}

@ObjectType({ description: 'How reliable an operator was lately.' })
export class Uptime {
  @Field(() => Int)
  days: number;

  @Field(() => Int, { description: 'Answers it gave.' })
  answered: number;

  @Field(() => Int, { description: 'Penalties for not answering when it was its turn.' })
  missed: number;

  @Field(() => Int, {
    nullable: true,
    description: '`answered` of both together, in basis points, rounded down. Null where nothing was asked of it.',
  })
  uptimeBps: number | null;
}

@ObjectType({ description: 'An operator in the draw of a version.' })
export class Enrolment {
  @Field(() => HexScalar, { nullable: true, description: 'What the operator attested.' })
  modelRoot: Hex | null;

  @Field(() => DateTimeScalar)
  enrolledAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Null: it still serves the version.' })
  leftAt: Date | null;

  versionId: bigint;
  operator: Address;
}

@ObjectType({ description: 'A change of stake, and the stake after it. Wei.' })
export class StakeEvent {
  @Field(() => StakeEventKind)
  kind: StakeEventKind;

  @Field(() => BigIntScalar)
  amount: bigint;

  @Field(() => AddressScalar, { nullable: true, description: 'Who received it.' })
  to: Address | null;

  @Field(() => BigIntScalar)
  stake: bigint;

  @Field(() => BigIntScalar)
  locked: bigint;

  @Field(() => BigIntScalar)
  exiting: bigint;

  @Field(() => HexScalar)
  transactionHash: Hex;

  @Field(() => DateTimeScalar)
  at: Date;
}

export const OperatorConnection = connectionOf(Operator);
export const StakeEventConnection = connectionOf(StakeEvent);

@ArgsType()
export class OperatorList extends listArguments({
  name: 'Operator',
  where: whereInput('OperatorWhere', {
    address: AddressScalar,
    stake: BigIntScalar,
    enrolmentCount: Int,
    finalCount: Int,
    voidedCount: Int,
    disputeCount: Int,
  }),
  orders: ['registeredBlock', 'stake', 'finalCount', 'assertionCount'],
  direction: 'desc',
}) {}

@ArgsType()
export class StakeEventList extends listArguments({
  name: 'StakeEvent',
  where: whereInput('StakeEventWhere', { kind: StakeEventKind, at: DateTimeScalar }),
  orders: ['blockNumber'],
  direction: 'desc',
}) {}
