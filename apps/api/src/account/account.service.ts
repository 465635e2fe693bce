import { Injectable } from '@nestjs/common';
import type { Address } from '@openimo/domain';
import { type CreditEntity, CreditRepository } from '@openimo/persistence';
import type { Loaders } from '../graphql/loaders.js';
import { readMany } from '../graphql/read.js';

@Injectable()
export class AccountService {
  constructor(private readonly credits: CreditRepository) {}

  creditsOf(account: Address, loaders: Loaders): Promise<readonly CreditEntity[]> {
    return readMany(this.credits, 'account', account, loaders);
  }
}
