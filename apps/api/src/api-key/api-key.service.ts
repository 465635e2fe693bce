import { Injectable } from '@nestjs/common';
import type { Address } from '@openimo/domain';
import { ApiKeyRepository, type Budget } from '@openimo/persistence';
import { formatApiKey } from '../auth/credentials.js';
import { hashSecret, randomId, randomSecret } from '../auth/keys.js';
import type { ApiKeyBudget } from '../graphql/request-context.js';
import { inputInvalid } from './api-key.errors.js';
import { ApiKeyNotFound, CreatedApiKey, type CreateApiKeyInput, TooManyApiKeys } from './api-key.types.js';

const MOST_KEYS = 50;
const MIN_PERIOD_SECONDS = 60;
const MAX_PERIOD_SECONDS = 366 * 86_400;
const MAX_OVERLAP_SECONDS = 30 * 86_400;

@Injectable()
export class ApiKeyService {
  constructor(private readonly keys: ApiKeyRepository) {}

  list(account: Address) {
    return this.keys.list(account);
  }

  async create(account: Address, input: CreateApiKeyInput) {
    check(input);
    const keyId = randomId();
    const secret = randomSecret();
    const { name, budget = null, periodSeconds, expiresAt = null } = input;
    const scopes = [...new Set<string>(input.scopes)];
    const values = { keyId, account, secretHash: hashSecret(secret), name, scopes, budget, periodSeconds, expiresAt };
    if (!(await this.keys.add(values, MOST_KEYS))) {
      return new TooManyApiKeys(`An account has at most ${MOST_KEYS} keys. Revoke one first.`);
    }
    return this.#shown(account, keyId, secret);
  }

  async rotate(account: Address, keyId: string, overlapSeconds: number) {
    if (overlapSeconds < 0 || overlapSeconds > MAX_OVERLAP_SECONDS) {
      throw inputInvalid(`Both secrets may work for 0 to ${MAX_OVERLAP_SECONDS} seconds.`);
    }
    const secret = randomSecret();
    if (!(await this.keys.rotate(account, keyId, hashSecret(secret), overlapSeconds))) {
      return new ApiKeyNotFound('You have no live key of this id. List them with myApiKeys.');
    }
    return this.#shown(account, keyId, secret);
  }

  revoke(account: Address, keyId: string): Promise<boolean> {
    return this.keys.revoke(account, keyId);
  }

  /** Units the key has spent in the present period. */
  spent(key: Pick<ApiKeyBudget, 'keyId' | 'periodSeconds'>): Promise<Omit<Budget, 'refused'>> {
    return this.keys.spent(key);
  }

  async #shown(account: Address, keyId: string, secret: string): Promise<CreatedApiKey> {
    const apiKey = (await this.keys.find(account, keyId))!;
    return Object.assign(new CreatedApiKey(), { apiKey, key: formatApiKey({ keyId, secret }) });
  }
}

function check({ name, budget, periodSeconds, expiresAt, scopes }: CreateApiKeyInput): void {
  if (name.length < 1 || name.length > 64) throw inputInvalid('A name has 1 to 64 characters.');
  if (scopes.length === 0) throw inputInvalid('Give the key at least one scope.');
  if (budget !== null && budget !== undefined && budget < 1) throw inputInvalid('A budget is at least 1, or none.');
  if (periodSeconds < MIN_PERIOD_SECONDS || periodSeconds > MAX_PERIOD_SECONDS) {
    throw inputInvalid(`A period has ${MIN_PERIOD_SECONDS} to ${MAX_PERIOD_SECONDS} seconds.`);
  }
  if (expiresAt && expiresAt.getTime() <= Date.now()) throw inputInvalid('A key must expire in the future.');
}
