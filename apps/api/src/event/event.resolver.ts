import { Args, Resolver, Subscription } from '@nestjs/graphql';
import { EventService } from './event.service.js';
import { ChainEvent, EventArguments } from './event.types.js';

@Resolver(() => ChainEvent)
export class EventResolver {
  constructor(private readonly all: EventService) {}

  @Subscription(() => ChainEvent, { resolve: (event: ChainEvent) => event })
  events(@Args() wanted: EventArguments) {
    return this.all.follow(wanted);
  }
}
