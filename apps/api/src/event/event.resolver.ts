import { Args, Context, Parent, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import type { Hex } from '@openimo/domain';
import { DisputeMove } from '../dispute/dispute-move.types.js';
import { DisputeService } from '../dispute/dispute.service.js';
import { Dispute } from '../dispute/dispute.types.js';
import type { RequestContext } from '../graphql/request-context.js';
import { EventService } from './event.service.js';
import { ChainEvent, EventArguments } from './event.types.js';

@Resolver(() => ChainEvent)
export class EventResolver {
  constructor(
    private readonly all: EventService,
    private readonly disputes: DisputeService,
  ) {}

  @Subscription(() => ChainEvent, { resolve: (event: ChainEvent) => event })
  events(@Args() wanted: EventArguments, @Context() { loaders }: RequestContext) {
    return this.all.follow(wanted, loaders);
  }

  @ResolveField(() => Dispute, { nullable: true, description: 'As it is now, where the event is of a dispute.' })
  dispute(@Parent() { subject, subjectId }: ChainEvent, @Context() { loaders }: RequestContext) {
    return subject === 'dispute' ? this.disputes.byId(subjectId as Hex, loaders) : null;
  }

  @ResolveField(() => DisputeMove, { nullable: true, description: 'The move that the event is. Null once retracted.' })
  move(@Parent() { event, subject, blockNumber, logIndex }: ChainEvent, @Context() { loaders }: RequestContext) {
    const isMove = subject === 'dispute' || event === 'TracePosted';
    return isMove ? this.disputes.moveAt(blockNumber, logIndex!, loaders) : null;
  }
}
