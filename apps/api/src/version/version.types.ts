import { ArgsType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { connectionOf } from '../graphql/connection.js';
import { listArguments } from '../graphql/list-arguments.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { whereInput } from '../graphql/where.js';

export enum VerificationTier {
  UNVERIFIED = 'unverified',
  DISPUTABLE = 'disputable',
  PROVEN = 'proven',
  BONDED = 'bonded',
}
registerEnumType(VerificationTier, {
  name: 'VerificationTier',
  description: 'What stands behind an answer, from nothing but the word and bond of an operator (UNVERIFIED) upwards.',
});

@ObjectType({ description: 'One immutable ONNX file of a family, with its commitments. Bounds in bytes.' })
export class Version {
  @Field(() => BigIntScalar, { description: 'The `modelId` of the oracle.' })
  versionId: bigint;

  @Field(() => HexScalar, { description: 'sha256 of the file.' })
  fileHash: Hex;

  @Field(() => HexScalar, {
    nullable: true,
    description: 'Null where the file was not lowered to the bit-exact profile.',
  })
  modelRoot: Hex | null;

  @Field(() => HexScalar, { nullable: true })
  weightsRoot: Hex | null;

  @Field(() => HexScalar)
  metadataHash: Hex;

  @Field({ description: 'As the publisher gave it; fetch it at your own risk.' })
  metadataUri: string;

  @Field()
  licence: string;

  @Field(() => Int)
  minInput: number;

  @Field(() => Int)
  maxInput: number;

  @Field(() => Int)
  minOutput: number;

  @Field(() => Int)
  maxOutput: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Of a version that writes text: bytes that its graph reads, of prompt and answer together.',
  })
  context: number | null;

  @Field(() => Int)
  requestCount: number;

  @Field(() => Int, { description: 'Operators enrolled now.' })
  operatorCount: number;

  @Field(() => AddressScalar)
  publishedBy: Address;

  @Field(() => BigIntScalar)
  publishedBlock: bigint;

  @Field(() => DateTimeScalar)
  publishedAt: Date;

  familyId: bigint;
  duplicateOf: bigint | null;
}

@ObjectType({
  description: 'What an inference costs in one asset, in units of it. Prices change at most once a week, after notice.',
})
export class Price {
  @Field(() => AddressScalar, { description: 'The zero address is ETH.' })
  asset: Address;

  @Field(() => BigIntScalar, { nullable: true, description: 'Now. Null before the first price takes effect.' })
  amount: bigint | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'Announced, and not in force yet.' })
  scheduledAmount: bigint | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When `scheduledAmount` takes effect.' })
  scheduledAt: Date | null;
}

@ObjectType({
  description: 'An operator that serves a version and says that it recomputed the model root from the file.',
})
export class Attestation {
  @Field(() => HexScalar)
  modelRoot: Hex;

  @Field(() => DateTimeScalar)
  attestedAt: Date;

  @Field({
    description:
      'Whether it adds to the tier: it published neither the version nor for its family, and holds the least stake.',
  })
  counts: boolean;

  operator: Address;
}

@ObjectType({ description: 'What stands behind the answers of a version.' })
export class Verification {
  @Field(() => VerificationTier)
  tier: VerificationTier;

  @Field({ description: 'The same in words.' })
  meaning: string;

  @Field(() => Int, { description: 'Operators whose attestations of the model root count.' })
  attestationCount: number;

  @Field(() => Int, { description: 'How many DISPUTABLE takes.' })
  attestationsNeeded: number;
}

export const VersionConnection = connectionOf(Version);

export const VersionWhere = whereInput('VersionWhere', {
  versionId: BigIntScalar,
  familyId: BigIntScalar,
  fileHash: HexScalar,
  licence: String,
  duplicateOf: BigIntScalar,
  modelRoot: HexScalar,
  context: Int,
  requestCount: Int,
  operatorCount: Int,
  publishedAt: DateTimeScalar,
});

@ArgsType()
export class VersionList extends listArguments({
  name: 'Version',
  where: VersionWhere,
  orders: ['versionId', 'publishedBlock', 'requestCount', 'operatorCount'],
}) {}
