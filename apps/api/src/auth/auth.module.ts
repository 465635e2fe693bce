import { Module } from '@nestjs/common';
import { SessionRepository } from '@openimo/persistence';
import { repository } from '../platform/repository.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';

@Module({ controllers: [AuthController], providers: [repository(SessionRepository), AuthService] })
export class AuthModule {}
