import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import type { Address, Hex } from '@openimo/domain';
import { AddressScalar, BigIntScalar, HexScalar } from '../graphql/scalars.js';

@ObjectType({
  description: "A transaction for its sender's wallet to sign and send. Nobody here has a part in that, or a key.",
})
export class PreparedTransaction {
  @Field(() => AddressScalar)
  to: Address;

  @Field(() => HexScalar)
  data: Hex;

  @Field(() => BigIntScalar, { description: 'Wei.' })
  value: bigint;

  @Field(() => Int)
  chainId: number;

  @Field({ description: 'What it will do.' })
  description: string;
}

@ObjectType({
  description:
    'What an investor can do, as transactions to sign in this order: an ERC-20 is approved before it is taken.',
})
export class Transactions {}

@ArgsType()
export class CommitArguments {
  @Field(() => AddressScalar)
  offering: Address;

  @Field(() => BigIntScalar, { description: "In units of the sale's currency." })
  amount: bigint;

  @Field(() => BigIntScalar, {
    defaultValue: 0n,
    description: "The account's cap in the allow-list, where there is one.",
  })
  cap: bigint;

  @Field(() => [HexScalar], { defaultValue: [], description: 'Its Merkle proof.' })
  proof: Hex[];
}

@ArgsType()
export class SaleAmountArguments {
  @Field(() => AddressScalar)
  offering: Address;

  @Field(() => BigIntScalar)
  amount: bigint;

  @Field(() => AddressScalar, { description: 'Who receives what comes back.' })
  to: Address;
}

@ArgsType()
export class BuyerArguments {
  @Field(() => AddressScalar)
  offering: Address;

  @Field(() => AddressScalar)
  buyer: Address;
}

@ArgsType()
export class ClaimArguments {
  @Field(() => AddressScalar)
  token: Address;

  @Field(() => AddressScalar, { description: 'Who receives it.' })
  to: Address;
}

@ArgsType()
export class RedeemArguments extends ClaimArguments {
  @Field(() => BigIntScalar, { description: 'Tokens to burn.' })
  amount: bigint;
}
