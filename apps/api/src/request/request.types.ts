import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { connectionOf } from '../graphql/connection.js';
import { listArguments } from '../graphql/list-arguments.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { whereInput } from '../graphql/where.js';
import { VerificationTier } from '../version/version.types.js';

export enum RequestStatus {
  OPEN = 'open',
  ASSERTED = 'asserted',
  FINAL = 'final',
  REFUNDED = 'refunded',
}
registerEnumType(RequestStatus, { name: 'RequestStatus', description: 'OPEN again after a conviction.' });

export enum CallbackMode {
  FINAL = 'final',
  OPTIMISTIC = 'optimistic',
}
registerEnumType(CallbackMode, { name: 'CallbackMode' });

export enum AssertionStatus {
  STANDING = 'standing',
  VOIDED = 'voided',
  FINAL = 'final',
}
registerEnumType(AssertionStatus, { name: 'AssertionStatus', description: 'VOIDED: proven wrong.' });

@ObjectType({ description: 'An on-chain inference job. Fees in units of `asset`, everything else in wei.' })
export class Request {
  @Field(() => BigIntScalar)
  requestId: bigint;

  @Field(() => AddressScalar, { description: 'Who asked and paid.' })
  account: Address;

  @Field(() => Int)
  batchSize: number;

  @Field(() => AddressScalar, { description: 'The zero address is ETH.' })
  asset: Address;

  @Field(() => BigIntScalar)
  fee: bigint;

  @Field(() => BigIntScalar)
  gasPrepaid: bigint;

  @Field(() => BigIntScalar, { description: 'Least bond of an answer.' })
  minBond: bigint;

  @Field(() => Int, { description: 'How long an answer can be disputed.' })
  windowSeconds: number;

  @Field(() => CallbackMode)
  mode: CallbackMode;

  @Field(() => VerificationTier)
  minTier: VerificationTier;

  @Field(() => AddressScalar)
  refundTo: Address;

  @Field(() => AddressScalar, { nullable: true, description: 'Null: no callback.' })
  callbackContract: Address | null;

  @Field(() => HexScalar)
  inputRoot: Hex;

  @Field(() => RequestStatus)
  status: RequestStatus;

  @Field(() => DateTimeScalar, { description: 'Of the answer that it waits for, or waited for last.' })
  deadline: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the answer that stands becomes final if nobody disputes it.',
  })
  finalAt: Date | null;

  @Field({ description: 'Whether the callback got the answer.' })
  delivered: boolean;

  @Field()
  callbackFailed: boolean;

  @Field(() => BigIntScalar)
  gasPaid: bigint;

  @Field(() => BigIntScalar)
  gasReturned: bigint;

  @Field(() => BigIntScalar)
  openedBlock: bigint;

  @Field(() => HexScalar)
  openedTransaction: Hex;

  @Field(() => DateTimeScalar)
  openedAt: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When its answer was last convicted; after that it is answered anew.',
  })
  reopenedAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'The first answer.' })
  answeredAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Final or refunded.' })
  closedAt: Date | null;

  versionId: bigint;
  operator: Address | null;
}

@ObjectType({ description: "An operator's bonded answer." })
export class Assertion {
  @Field(() => Int)
  round: number;

  @Field(() => HexScalar)
  outputRoot: Hex;

  @Field(() => BigIntScalar)
  bond: bigint;

  @Field(() => DateTimeScalar)
  finalAt: Date;

  @Field(() => [HexScalar], { description: 'One per input of the batch.' })
  outputs: Hex[];

  @Field(() => AssertionStatus)
  status: AssertionStatus;

  @Field(() => AddressScalar, { nullable: true, description: 'Who proved it wrong.' })
  challenger: Address | null;

  @Field(() => Int, { description: 'Disputes against it, ever.' })
  disputeCount: number;

  @Field(() => Int, { description: 'Undecided ones; until there are none it cannot become final.' })
  openDisputeCount: number;

  @Field(() => BigIntScalar)
  blockNumber: bigint;

  @Field(() => HexScalar)
  transactionHash: Hex;

  @Field(() => DateTimeScalar)
  at: Date;

  requestId: bigint;
  operator: Address;
}

@ObjectType({ description: 'One attempt to hand an answer to a contract.' })
export class Callback {
  @Field()
  succeeded: boolean;

  @Field(() => AddressScalar, { nullable: true, description: 'Null for a failure.' })
  invoker: Address | null;

  @Field(() => HexScalar, { nullable: true, description: 'What a failure said, at most 256 bytes.' })
  reason: Hex | null;

  @Field(() => HexScalar)
  transactionHash: Hex;

  @Field(() => DateTimeScalar)
  at: Date;
}

@ObjectType({ description: 'The bytes of a request. On-chain inputs are public.' })
export class RequestInput {
  @Field(() => HexScalar)
  input: Hex;

  @Field(() => HexScalar)
  callbackData: Hex;

  @Field(() => Int)
  gasLimit: number;
}

export const RequestConnection = connectionOf(Request);
export const AssertionConnection = connectionOf(Assertion);

@ArgsType()
export class RequestList extends listArguments({
  name: 'Request',
  where: whereInput('RequestWhere', {
    requestId: BigIntScalar,
    versionId: BigIntScalar,
    familyId: BigIntScalar,
    account: AddressScalar,
    operator: AddressScalar,
    status: RequestStatus,
    delivered: Boolean,
    callbackFailed: Boolean,
    fee: BigIntScalar,
    openedAt: DateTimeScalar,
  }),
  orders: ['openedBlock', 'deadline', 'fee', 'requestId'],
  direction: 'desc',
}) {}

@ArgsType()
export class AssertionList extends listArguments({
  name: 'Assertion',
  where: whereInput('AssertionWhere', {
    requestId: BigIntScalar,
    versionId: BigIntScalar,
    operator: AddressScalar,
    status: AssertionStatus,
    disputeCount: Int,
    openDisputeCount: Int,
    at: DateTimeScalar,
  }),
  orders: ['blockNumber', 'bond', 'requestId'],
  direction: 'desc',
}) {}
