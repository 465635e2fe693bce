import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { connectionOf } from '../graphql/connection.js';
import { listArguments } from '../graphql/list-arguments.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { whereInput } from '../graphql/where.js';

export enum DisputePhase {
  AWAIT_TRACE = 'awaitTrace',
  AWAIT_PICK = 'awaitPick',
  AWAIT_REVEAL = 'awaitReveal',
  AWAIT_PROOF = 'awaitProof',
  OPERATOR_LOST = 'operatorLost',
  CHALLENGER_LOST = 'challengerLost',
  MOOT = 'moot',
}
registerEnumType(DisputePhase, {
  name: 'DisputePhase',
  description: 'What a dispute waits for, or how it ended.',
  valuesMap: {
    AWAIT_TRACE: { description: "The root of the operator's trace: all intermediate tensors of its run." },
    AWAIT_PICK: { description: "The challenger's pick: the first child that it has otherwise." },
    AWAIT_REVEAL: {
      description: 'What lies below the child that was picked: its children, or the bytes of its chunk.',
    },
    AWAIT_PROOF: { description: "The challenger's proof that an element of the chunk is wrong." },
    OPERATOR_LOST: { description: 'The answer was proven wrong, or its operator ran out of time.' },
    CHALLENGER_LOST: { description: 'The challenger ran out of time.' },
    MOOT: { description: 'Somebody else convicted the operator first; the challenger gets its bond back.' },
  },
});

export enum DisputeSide {
  OPERATOR = 'operator',
  CHALLENGER = 'challenger',
}
registerEnumType(DisputeSide, { name: 'DisputeSide' });

@ObjectType({ description: "How a dispute was decided, and what became of the loser's bond. Wei." })
export class DisputeOutcome {
  @Field(() => DisputeSide)
  winner: DisputeSide;

  @Field(() => BigIntScalar, { description: "The loser's; the sum of the three below." })
  lostBond: bigint;

  @Field(() => BigIntScalar, { description: "The winner's, for its gas." })
  gasShare: bigint;

  @Field(() => BigIntScalar, { description: "The winner's, for having been right." })
  reward: bigint;

  @Field(() => BigIntScalar, { description: 'Nobody gets it, so that disputing oneself costs.' })
  burned: bigint;

  @Field({ description: "Whether the loser's clock had run down." })
  outOfTime: boolean;
}

@ObjectType({
  description:
    'One challenger against one item of one answer. Both sides narrow it down to one element, and the chain recomputes that. ' +
    'Amounts in wei.',
})
export class Dispute {
  @Field(() => HexScalar)
  disputeId: Hex;

  @Field(() => Int, { description: "Which of the request's answers, as `Assertion.round`." })
  round: number;

  @Field(() => Int, { description: 'Which item of the batch, or which step of a text; from 0.' })
  item: number;

  @Field(() => AddressScalar)
  challenger: Address;

  @Field(() => DisputePhase)
  phase: DisputePhase;

  @Field(() => DisputeSide, { nullable: true, description: 'Whose clock runs. Null once it is over.' })
  turn: DisputeSide | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When that clock has run down: the side can no longer move, and anyone may end the dispute.',
  })
  deadline: Date | null;

  @Field(() => Int, { description: 'Seconds each side has for the whole dispute.' })
  clock: number;

  @Field(() => Int, { description: 'Seconds the operator had left when its clock last stopped.' })
  operatorLeft: number;

  @Field(() => Int, { description: 'Seconds the challenger had left when its clock last stopped.' })
  challengerLeft: number;

  @Field(() => DateTimeScalar, { description: 'When the clock that runs started.' })
  since: Date;

  @Field(() => Int, { nullable: true, description: 'The step of the model in question, once it is known.' })
  node: number | null;

  @Field(() => Int, { description: 'Moves since the challenge, without the trace.' })
  moveCount: number;

  @Field(() => BigIntScalar, { description: "The challenger's." })
  bond: bigint;

  @Field(() => BigIntScalar)
  openedBlock: bigint;

  @Field(() => HexScalar)
  openedTransaction: Hex;

  @Field(() => DateTimeScalar)
  openedAt: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  closedAt: Date | null;

  @Field(() => HexScalar, { nullable: true })
  closedTransaction: Hex | null;

  requestId: bigint;
  versionId: bigint;
  operator: Address;
  lostBond: bigint | null;
  gasShare: bigint | null;
  reward: bigint | null;
  burned: bigint | null;
  outOfTime: boolean | null;
}

export const DisputeConnection = connectionOf(Dispute);

@ArgsType()
export class DisputeList extends listArguments({
  name: 'Dispute',
  where: whereInput('DisputeWhere', {
    disputeId: HexScalar,
    requestId: BigIntScalar,
    versionId: BigIntScalar,
    familyId: BigIntScalar,
    challenger: AddressScalar,
    operator: AddressScalar,
    phase: DisputePhase,
    turn: DisputeSide,
    deadline: DateTimeScalar,
    openedAt: DateTimeScalar,
  }),
  orders: ['openedBlock', 'bond', 'moveCount'],
  direction: 'desc',
}) {}
