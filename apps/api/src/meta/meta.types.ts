import { Field, ObjectType } from '@nestjs/graphql';
import { BigIntScalar, DateTimeScalar } from '../graphql/scalars.js';

@ObjectType({ description: 'How far the read model is behind the chain.' })
export class Meta {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Everything up to this block is in the answers. Null before the first.',
  })
  indexedBlock: bigint | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Time of that block.' })
  indexedAt: Date | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'What happened up to this block will not change any more.',
  })
  finalizedBlock: bigint | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'The newest block the indexer has seen.' })
  chainHead: bigint | null;

  @Field(() => BigIntScalar, { description: 'Blocks between `chainHead` and `indexedBlock`.' })
  lag: bigint;

  @Field(() => BigIntScalar, { description: 'Of the newest announcement: where a subscription may begin.' })
  outboxPosition: bigint;
}
