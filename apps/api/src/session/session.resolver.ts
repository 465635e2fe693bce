import { Args, Context, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { SessionRepository } from '@openimo/persistence';
import { authorize } from '../auth/authorize.js';
import type { RequestContext } from '../graphql/request-context.js';
import { Session } from './session.types.js';

@Resolver(() => Session)
export class SessionResolver {
  constructor(private readonly sessions: SessionRepository) {}

  @Query(() => [Session], { description: 'Where you are signed in, the newest first.' })
  mySessions(@Context() context: RequestContext) {
    return this.sessions.list(authorize(context, 'manage', false).address);
  }

  @Mutation(() => Boolean, { description: 'Ends a session and its tokens. False: you have none of this id.' })
  revokeSession(@Args('sessionId') sessionId: string, @Context() context: RequestContext) {
    return this.sessions.revoke(authorize(context, 'manage').address, sessionId);
  }

  @Mutation(() => Int, { description: 'Ends all your sessions but this one. Gives how many.' })
  revokeOtherSessions(@Context() context: RequestContext) {
    const { address, sessionId } = authorize(context, 'manage');
    return this.sessions.revokeAll(address, sessionId);
  }

  @ResolveField(() => Boolean, { description: 'It is the one you ask with.' })
  isCurrent(@Parent() { sessionId }: Session, @Context() { viewer }: RequestContext) {
    return viewer?.sessionId === sessionId;
  }
}
