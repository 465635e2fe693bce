import { Module } from '@nestjs/common';
import { ApiKeyRepository } from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { ApiKeyResolver } from './api-key.resolver.js';
import { ApiKeyService } from './api-key.service.js';

@Module({ providers: [repository(ApiKeyRepository), ApiKeyService, ApiKeyResolver], exports: [ApiKeyService] })
export class ApiKeyModule {}
