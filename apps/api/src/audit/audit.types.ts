import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { connectionOf } from '../graphql/connection.js';
import { listArguments } from '../graphql/list-arguments.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { whereInput } from '../graphql/where.js';

export enum AuditStance {
  DRAWN = 'drawn',
  COMMITTED = 'committed',
  CONFIRMED = 'confirmed',
  DENIED = 'denied',
}
registerEnumType(AuditStance, {
  name: 'AuditStance',
  description: 'What is known of what an auditor found.',
  valuesMap: {
    DRAWN: { description: 'Nothing has been heard of it.' },
    COMMITTED: { description: 'It has run the model and committed to the trace.' },
    CONFIRMED: { description: 'Its trace ends in the answer.' },
    DENIED: { description: 'Its trace ends in something else.' },
  },
});

@ObjectType({ description: "One auditor's part in an audit." })
export class AuditRun {
  @Field(() => AddressScalar)
  auditor: Address;

  @Field(() => AuditStance)
  stance: AuditStance;

  @Field(() => HexScalar, { nullable: true, description: 'keccak256(abi.encode(traceRoot, auditor)).' })
  commitment: Hex | null;

  @Field(() => HexScalar, { nullable: true })
  traceRoot: Hex | null;

  @Field(() => HexScalar, { nullable: true, description: 'Of what the trace ends in.' })
  outputRoot: Hex | null;

  @Field(() => BigIntScalar, { description: "What it was paid, in units of the audit's asset." })
  paid: bigint;

  @Field({ description: 'Whether it revealed nothing although the answer became final.' })
  missed: boolean;

  @Field(() => BigIntScalar, { description: 'Stake that it lost for that, in wei.' })
  forfeited: bigint;

  @Field(() => DateTimeScalar, { nullable: true })
  committedAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  revealedAt: Date | null;
}

@ObjectType({
  description:
    'An answer that was drawn by lot, to be run again by other operators, who are paid for it from the fees.',
})
export class Audit {
  @Field(() => HexScalar)
  auditId: Hex;

  @Field(() => Int, { description: "Which of the request's answers, as `Assertion.round`." })
  round: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'The item of the batch, or the step of the text, that is run again. Null until an auditor has revealed it.',
  })
  item: number | null;

  @Field(() => AddressScalar, { description: 'What auditors are paid in. The zero address is ETH.' })
  asset: Address;

  @Field(() => BigIntScalar, { description: 'Of each auditor.' })
  share: bigint;

  @Field(() => DateTimeScalar, { description: 'When auditors can no longer commit.' })
  commitUntil: Date;

  @Field(() => DateTimeScalar, { description: 'When they can no longer reveal.' })
  revealUntil: Date;

  @Field(() => Boolean, { nullable: true, description: 'Whether the answer was convicted. Null until it is settled.' })
  convicted: boolean | null;

  @Field(() => BigIntScalar)
  selectedBlock: bigint;

  @Field(() => HexScalar)
  selectedTransaction: Hex;

  @Field(() => DateTimeScalar)
  selectedAt: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  settledAt: Date | null;

  requestId: bigint;
}

export const AuditConnection = connectionOf(Audit);

@ArgsType()
export class AuditList extends listArguments({
  name: 'Audit',
  where: whereInput('AuditWhere', {
    requestId: BigIntScalar,
    versionId: BigIntScalar,
    familyId: BigIntScalar,
    operator: AddressScalar,
    convicted: Boolean,
    revealUntil: DateTimeScalar,
    selectedAt: DateTimeScalar,
  }),
  orders: ['selectedBlock', 'share'],
  direction: 'desc',
}) {}
