import { createUnionType, Field, Float, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import type { DraftCheckStatus } from '@openimo/persistence';
import { errorResult } from '../graphql/error-result.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';

export enum CheckStatus {
  none = 'none',
  accepted = 'accepted',
  refused = 'refused',
}
registerEnumType(CheckStatus, {
  name: 'DraftCheckStatus',
  description: 'What a check said of the present file.',
  valuesMap: {
    none: { description: 'There is no file, or nobody has checked it.' },
    accepted: { description: 'It can be published.' },
    refused: { description: '`refusal` says why, and what to do.' },
  } satisfies Record<DraftCheckStatus, object>,
});

@InputType()
export class LineagePartyInput {
  @Field(() => BigIntScalar, { nullable: true, description: 'A family it descends from; this or `contributor`.' })
  parentFamilyId?: bigint | null;

  @Field(() => AddressScalar, { nullable: true })
  contributor?: Address | null;

  @Field(() => Int)
  shareBps: number;
}

@InputType({
  description: "A family to be registered. Shares in basis points of every fee; what is left is the holders'.",
})
export class FamilyTermsInput {
  @Field({ description: '1 to 64 bytes.' })
  name: string;

  @Field(() => Int)
  operatorBps: number;

  @Field(() => Int)
  publisherBps: number;

  @Field(() => Int, { description: "The least that the token's holders get." })
  holdersFloorBps: number;

  @Field(() => [LineagePartyInput], { defaultValue: [] })
  lineage: LineagePartyInput[];

  @Field(() => [AddressScalar], { defaultValue: [], description: 'ERC-20s that fees may be paid in beside ETH.' })
  assets: Address[];
}

@InputType()
export class PriceInput {
  @Field(() => AddressScalar, { description: 'The zero address is ETH.' })
  asset: Address;

  @Field(() => BigIntScalar, { description: 'Per inference, in the smallest unit of the asset.' })
  amount: bigint;
}

@InputType({ description: 'What is left out stays as it is; of a new draft it is empty.' })
export class DraftInput {
  @Field({ nullable: true, description: '1 to 64 characters, for you.' })
  name?: string;

  @Field(() => BigIntScalar, { nullable: true, description: 'The family it is a version of, once there is one.' })
  familyId?: bigint | null;

  @Field(() => FamilyTermsInput, { nullable: true, description: 'The family to register, where there is none yet.' })
  familyTerms?: FamilyTermsInput | null;

  @Field({ nullable: true, description: 'SPDX identifier, at most 64 bytes.' })
  licence?: string;

  @Field({ nullable: true, description: 'The model card as Markdown, at most 64 KiB.' })
  card?: string;

  @Field({ nullable: true, description: 'Where the card can be read: https or ipfs, at most 512 bytes.' })
  cardUri?: string;

  @Field(() => Int, {
    nullable: true,
    description:
      "It writes text: at most so many bytes, fewer than `report.textContext`. Null: its input and output are the graph's.",
  })
  mostNewBytes?: number | null;

  @Field(() => [PriceInput], { nullable: true })
  prices?: PriceInput[];
}

@ObjectType()
export class DraftPrice {
  @Field(() => AddressScalar)
  asset: Address;

  @Field(() => BigIntScalar)
  amount: bigint;
}

@ObjectType()
export class Refusal {
  @Field({ description: 'For programs, e.g. `TensorTooLarge`.' })
  code: string;

  @Field({ description: 'For people: what is wrong, where, and what to do.' })
  message: string;
}

@ObjectType({ description: 'A tensor as the Open Inference Protocol describes it.' })
export class TensorSpec {
  @Field()
  name: string;

  @Field()
  datatype: string;

  @Field(() => [Int])
  shape: number[];
}

@ObjectType()
export class OperatorCount {
  @Field()
  name: string;

  @Field(() => Int)
  count: number;
}

@ObjectType({ description: 'What a check found out about a file.' })
export class ModelReport {
  @Field(() => HexScalar)
  sha256: Hex;

  @Field(() => HexScalar, { description: 'Recognises the same weights in another file.' })
  weightsRoot: Hex;

  @Field(() => HexScalar, {
    nullable: true,
    description:
      'The version is published with it, so that wrong answers can be proven wrong. Null outside of the bit-exact profile.',
  })
  modelRoot: Hex | null;

  @Field(() => Refusal, { nullable: true, description: 'Why there is no model root.' })
  profileRefusal: Refusal | null;

  @Field(() => Int)
  sizeBytes: number;

  @Field(() => Int)
  opset: number;

  @Field()
  producer: string;

  @Field(() => BigIntScalar, { description: 'Elements of all weights.' })
  parameterCount: bigint;

  @Field(() => [TensorSpec])
  inputs: TensorSpec[];

  @Field(() => [TensorSpec])
  outputs: TensorSpec[];

  @Field(() => Int)
  inputBytes: number;

  @Field(() => Int)
  outputBytes: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Bytes of text it reads, where it can be published as writing text: UINT8 [context] to UINT8 [1].',
  })
  textContext: number | null;

  @Field(() => [OperatorCount])
  operators: OperatorCount[];

  @Field(() => Float, { description: 'Of one run on zeros.' })
  runMs: number;

  @Field(() => BigIntScalar, {
    description: 'Highest resident memory of the process that ran it, about 100 MB of it its own.',
  })
  peakMemoryBytes: bigint;
}

@ObjectType({ description: 'A version that you prepare. Nobody else sees it.' })
export class Draft {
  @Field()
  draftId: string;

  @Field()
  name: string;

  @Field(() => BigIntScalar, { nullable: true })
  familyId: bigint | null;

  @Field()
  licence: string;

  @Field()
  card: string;

  @Field()
  cardUri: string;

  @Field(() => Int, { nullable: true, description: 'It writes text: at most so many bytes.' })
  mostNewBytes: number | null;

  @Field(() => [DraftPrice])
  prices: DraftPrice[];

  @Field(() => HexScalar, { nullable: true, description: 'sha256 of the file that was uploaded last.' })
  fileHash: Hex | null;

  @Field(() => BigIntScalar, { nullable: true })
  fileSize: bigint | null;

  @Field(() => CheckStatus)
  checkStatus: DraftCheckStatus;

  @Field(() => ModelReport, { nullable: true })
  report: ModelReport | null;

  @Field(() => Refusal, { nullable: true })
  refusal: Refusal | null;

  @Field(() => DateTimeScalar, { nullable: true })
  checkedAt: Date | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  @Field(() => DateTimeScalar)
  updatedAt: Date;
}

@InputType({ description: 'A tensor to try the model with: either its canonical bytes or its elements.' })
export class TensorInput {
  @Field()
  name: string;

  @Field(() => HexScalar, { nullable: true, description: 'Row-major, little-endian, without padding.' })
  data?: Hex | null;

  @Field(() => [Float], { nullable: true })
  values?: number[] | null;
}

@ObjectType()
export class TensorOutput extends TensorSpec {
  @Field(() => HexScalar, { description: 'Row-major, little-endian, without padding.' })
  data: Hex;

  @Field(() => [Float], { description: 'The same as numbers, of INT64 the nearest.' })
  values: number[];
}

@ObjectType({ description: 'What the model answered.' })
export class TestRun {
  @Field(() => [TensorOutput])
  outputs: TensorOutput[];

  @Field(() => Float, { description: 'Waiting for a process included.' })
  milliseconds: number;
}

export const DraftNotFound = errorResult('DraftNotFound', 'You have no draft of this id.');
export const TooManyDrafts = errorResult('TooManyDrafts', 'You have as many drafts as one account may have.');
export const DraftHasNoFile = errorResult('DraftHasNoFile', 'No file has been uploaded for it completely.');
export const TestRunFailed = errorResult('TestRunFailed', 'The model or its input did not work.');

export const CreateDraftResult = createUnionType({
  name: 'CreateDraftResult',
  types: () => [Draft, TooManyDrafts] as const,
});
export const UpdateDraftResult = createUnionType({
  name: 'UpdateDraftResult',
  types: () => [Draft, DraftNotFound] as const,
});
export const CheckDraftResult = createUnionType({
  name: 'CheckDraftResult',
  types: () => [Draft, DraftNotFound, DraftHasNoFile] as const,
});
export const TestRunResult = createUnionType({
  name: 'TestRunResult',
  types: () => [TestRun, DraftNotFound, DraftHasNoFile, TestRunFailed] as const,
});
