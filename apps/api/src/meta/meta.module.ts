import { Module } from '@nestjs/common';
import { IndexStatusRepository } from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { MetaResolver } from './meta.resolver.js';
import { MetaService } from './meta.service.js';

@Module({ providers: [repository(IndexStatusRepository), MetaService, MetaResolver], exports: [MetaService] })
export class MetaModule {}
