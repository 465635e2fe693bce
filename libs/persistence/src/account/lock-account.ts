import type { EntityManager } from 'typeorm';
import type { Address } from '@openimo/domain';

/**
 * Until the transaction ends, nobody else counts or adds what this account has: two that come at once cannot both take the
 * last place of a quota.
 */
export async function lockAccount(manager: EntityManager, account: Address): Promise<void> {
  const parameters = [account.toLowerCase()];
  await manager.query('insert into accounts (account) values ($1) on conflict do nothing', parameters);
  await manager.query('select account from accounts where account = $1 for update', parameters);
}
