import { Module } from '@nestjs/common';
import { OutboxRepository } from '@openimo/persistence';
import { DisputeModule } from '../dispute/dispute.module.js';
import { repository } from '../platform/repository.js';
import { EventResolver } from './event.resolver.js';
import { EventService } from './event.service.js';

@Module({ imports: [DisputeModule], providers: [repository(OutboxRepository), EventService, EventResolver] })
export class EventModule {}
