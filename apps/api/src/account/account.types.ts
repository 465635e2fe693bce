import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Address } from '@openimo/domain';
import { AddressScalar, BigIntScalar } from '../graphql/scalars.js';

export enum CreditSource {
  ROUTER = 'router',
  ORACLE = 'oracle',
  DISPUTES = 'disputes',
  AUDITS = 'audits',
}
registerEnumType(CreditSource, {
  name: 'CreditSource',
  description:
    'ROUTER: earnings of publishers, contributors, operators. ORACLE: refunds and gas. DISPUTES: bonds that came free, and what was won. AUDITS: pay of auditors, and the treasury.',
});

@ObjectType({ description: 'Anything with an address, whether or not it ever appeared here: its portfolio.' })
export class Account {
  @Field(() => AddressScalar)
  address: Address;
}

@ObjectType({ description: 'What an account can withdraw, in one asset.' })
export class Credit {
  @Field(() => CreditSource)
  source: CreditSource;

  @Field(() => AddressScalar)
  asset: Address;

  @Field(() => BigIntScalar, { description: 'Now.' })
  balance: bigint;

  @Field(() => BigIntScalar, { description: 'Ever.' })
  credited: bigint;

  @Field(() => BigIntScalar, { description: 'Paid for requests out of it.' })
  used: bigint;

  @Field(() => BigIntScalar)
  withdrawn: bigint;
}
