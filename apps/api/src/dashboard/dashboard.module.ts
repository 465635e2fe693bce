import { Module } from '@nestjs/common';
import { DashboardRepository } from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { DashboardResolver } from './dashboard.resolver.js';
import { DashboardService } from './dashboard.service.js';

@Module({ providers: [repository(DashboardRepository), DashboardService, DashboardResolver] })
export class DashboardModule {}
