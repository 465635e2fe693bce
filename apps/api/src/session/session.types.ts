import { Field, ObjectType } from '@nestjs/graphql';
import { DateTimeScalar } from '../graphql/scalars.js';

@ObjectType({ description: 'One sign-in of yours.' })
export class Session {
  @Field()
  sessionId: string;

  @Field({ description: 'What the browser or program called itself.' })
  userAgent: string;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: 'To the minute.' })
  lastSeenAt: Date;

  @Field(() => DateTimeScalar)
  expiresAt: Date;
}
