import { createUnionType, Field, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { DraftHasNoFile, DraftNotFound } from '../draft/draft.types.js';
import { ErrorResult, errorResult } from '../graphql/error-result.js';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { PreparedTransaction } from '../transaction/transaction.types.js';

@ObjectType({ description: "A contract's own reason." })
export class ContractRefusal {
  @Field({ description: 'For people.' })
  message: string;

  @Field({ description: 'Name of the Solidity error.' })
  errorName: string;
}

@ObjectType({ description: 'How the transaction would fare now, sent by you. Nothing was sent.' })
export class DryRun {
  @Field()
  succeeds: boolean;

  @Field(() => BigIntScalar, { nullable: true, description: 'What it would take, where it succeeds.' })
  gas: bigint | null;

  @Field(() => ContractRefusal, { nullable: true })
  refusal: ContractRefusal | null;
}

export enum PublicationStep {
  registerFamily = 'registerFamily',
  publishVersion = 'publishVersion',
}
registerEnumType(PublicationStep, {
  name: 'PublicationStep',
  valuesMap: {
    registerFamily: {
      description:
        'First the family. Once it is mined, write its id (event FamilyRegistered) into the draft and ask again.',
    },
    publishVersion: { description: 'The version; then it is published.' },
  },
});

@ObjectType()
export class PreparedPublication {
  @Field(() => PublicationStep)
  step: PublicationStep;

  @Field(() => PreparedTransaction)
  transaction: PreparedTransaction;

  @Field(() => DryRun)
  dryRun: DryRun;
}

@ObjectType()
export class PreparedOffering {
  @Field(() => PreparedTransaction)
  transaction: PreparedTransaction;

  @Field(() => DryRun)
  dryRun: DryRun;
}

@ObjectType({ implements: () => [ErrorResult], description: 'What the draft still lacks.' })
export class DraftNotReady extends ErrorResult {
  @Field(() => [String], { description: 'Each says what to do.' })
  problems: string[];
}

export const PublishDraftResult = createUnionType({
  name: 'PublishDraftResult',
  types: () => [PreparedPublication, DraftNotFound, DraftHasNoFile, DraftNotReady] as const,
});

@InputType({ description: 'Tokens that vest to somebody.' })
export class GrantInput {
  @Field(() => AddressScalar)
  beneficiary: Address;

  @Field(() => BigIntScalar)
  amount: bigint;

  @Field(() => Int, { defaultValue: 0, description: 'Seconds after settlement before which nothing is released.' })
  cliff: number;

  @Field(() => Int, { description: 'Seconds after settlement at which all is released.' })
  duration: number;
}

@InputType({ description: 'A part of the proceeds.' })
export class TrancheInput {
  @Field(() => Int, { description: 'Seconds after settlement.' })
  delay: number;

  @Field(() => Int)
  bps: number;
}

export enum OversubscriptionInput {
  proRata = 'proRata',
  smallestFirst = 'smallestFirst',
}
registerEnumType(OversubscriptionInput, {
  name: 'OversubscriptionRule',
  valuesMap: {
    proRata: { description: 'Every commitment is scaled by the same factor.' },
    smallestFirst: { description: 'Small ones are filled first. Needs an allow-list.' },
  },
});

@InputType({
  description:
    'What is sold, when, and where everything goes; fixed for good once it is mined. `offered`, `liquidity` and the grants ' +
    'add up to `supply`. Tokens have 18 decimals.',
})
export class LaunchOfferingInput {
  @Field(() => BigIntScalar)
  familyId: bigint;

  @Field()
  tokenName: string;

  @Field()
  tokenSymbol: string;

  @Field(() => BigIntScalar)
  supply: bigint;

  @Field(() => BigIntScalar)
  offered: bigint;

  @Field(() => BigIntScalar)
  liquidity: bigint;

  @Field(() => AddressScalar)
  liquidityRecipient: Address;

  @Field(() => Int, { nullable: true, description: 'Seconds; the least that is allowed by default.' })
  liquidityLock?: number | null;

  @Field(() => [GrantInput], { defaultValue: [] })
  grants: GrantInput[];

  @Field(() => Int, { description: 'What holders can claim of the revenue; the rest they redeem.' })
  claimableBps: number;

  @Field(() => Int, { nullable: true, description: 'Seconds; the least that is allowed by default.' })
  streamPeriod?: number | null;

  @Field(() => AddressScalar, { nullable: true, description: 'ETH by default.' })
  currency?: Address | null;

  @Field(() => BigIntScalar, { description: 'Below it everybody is refunded.' })
  softCap: bigint;

  @Field(() => BigIntScalar, { description: 'The price of all that is offered.' })
  hardCap: bigint;

  @Field(() => BigIntScalar, { defaultValue: '0', description: 'Most one wallet may commit; 0: no limit.' })
  walletCap: bigint;

  @Field(() => HexScalar, { nullable: true, description: 'Merkle root; open to all by default.' })
  allowListRoot?: Hex | null;

  @Field(() => OversubscriptionInput, { defaultValue: OversubscriptionInput.proRata })
  oversubscription: OversubscriptionInput;

  @Field(() => DateTimeScalar)
  opensAt: Date;

  @Field(() => DateTimeScalar)
  closesAt: Date;

  @Field(() => AddressScalar)
  fundsRecipient: Address;

  @Field(() => [TrancheInput], { nullable: true, description: 'All at settlement by default.' })
  tranches?: TrancheInput[] | null;
}

export const NotThePublisher = errorResult('NotThePublisher', 'You do not publish this family, or there is none.');

export const LaunchOfferingResult = createUnionType({
  name: 'LaunchOfferingResult',
  types: () => [PreparedOffering, NotThePublisher] as const,
});
