import { Field, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: "A version's model card. What is given was compared with the hash on the chain." })
export class Metadata {
  @Field()
  uri: string;

  @Field(() => String, {
    nullable: true,
    description: 'As text, usually Markdown. Written by the publisher: sanitise it.',
  })
  content: string | null;

  @Field(() => String, { nullable: true, description: 'Why there is none.' })
  problem: string | null;
}
