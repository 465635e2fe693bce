import { Module } from '@nestjs/common';
import { OfferingModule } from '../offering/offering.module.js';
import { TokenModule } from '../token/token.module.js';
import { TransactionResolver } from './transaction.resolver.js';
import { TransactionService } from './transaction.service.js';

@Module({ imports: [OfferingModule, TokenModule], providers: [TransactionService, TransactionResolver] })
export class TransactionModule {}
