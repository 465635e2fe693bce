import { Module } from '@nestjs/common';
import { DraftRepository } from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { PublicationResolver } from './publication.resolver.js';
import { PublicationService } from './publication.service.js';

@Module({ providers: [repository(DraftRepository), PublicationService, PublicationResolver] })
export class PublicationModule {}
