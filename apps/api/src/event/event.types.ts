import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';

export enum EventKind {
  EVENT = 'event',
  RETRACTED = 'retracted',
  FINALIZED = 'finalized',
  RESET = 'reset',
}
registerEnumType(EventKind, {
  name: 'EventKind',
  description:
    'EVENT: it happened. RETRACTED: the chain reorganised, and that event did not happen. FINALIZED: nothing up to this block will be ' +
    'retracted. RESET: everything is read anew; forget what you know.',
});

@ObjectType({
  description:
    'What became of the read model, in order. An `eventId` never comes twice; whoever keeps the last `position` can go on from it.',
})
export class ChainEvent {
  @Field(() => BigIntScalar, { description: 'Positions have no gaps.' })
  position: bigint;

  @Field()
  eventId: string;

  @Field(() => EventKind)
  kind: EventKind;

  @Field(() => BigIntScalar)
  blockNumber: bigint;

  @Field(() => HexScalar, { nullable: true })
  blockHash: Hex | null;

  @Field(() => Int, { nullable: true })
  logIndex: number | null;

  @Field(() => String, { nullable: true, description: 'Name of the Solidity event, e.g. Committed.' })
  event: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What it happened to: family, version, offering, token, escrow, request, dispute, audit, operator or account.',
  })
  subject: string | null;

  @Field(() => String, { nullable: true, description: 'Which: a decimal id, an address or a hash.' })
  subjectId: string | null;

  @Field(() => AddressScalar, { nullable: true, description: 'Whom it concerns.' })
  account: Address | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Time of its block.' })
  at: Date | null;
}

@ArgsType()
export class EventArguments {
  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'The last `position` that was handled: begins with what follows it. Without it, with what comes from now on.',
  })
  after?: bigint;

  @Field(() => [String], {
    nullable: true,
    description: 'Only these Solidity events; FINALIZED and RESET come anyway.',
  })
  events?: string[];

  @Field(() => String, { nullable: true, description: 'Only what happens to this kind of thing.' })
  subject?: string;

  @Field(() => String, { nullable: true, description: 'Only what happens to this one.' })
  subjectId?: string;

  @Field(() => AddressScalar, { nullable: true, description: 'Only what concerns this account.' })
  account?: Address;

  @Field(() => HexScalar, {
    nullable: true,
    description: 'Only the moves of this dispute, and traces that are posted for its request.',
  })
  disputeId?: Hex;
}
