import { Module } from '@nestjs/common';
import { SessionRepository } from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { SessionResolver } from './session.resolver.js';

@Module({ providers: [repository(SessionRepository), SessionResolver] })
export class SessionModule {}
