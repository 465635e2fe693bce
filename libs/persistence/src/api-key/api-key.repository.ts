import { IsNull, type DataSource } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { lockAccount } from '../account/lock-account.js';
import { classified } from '../database/database-error.js';
import { ApiKeyEntity } from './api-key.entity.js';

export type ApiKey = Omit<ApiKeyEntity, never>;
export type NewApiKey = Pick<
  ApiKey,
  'keyId' | 'account' | 'name' | 'secretHash' | 'scopes' | 'budget' | 'periodSeconds' | 'expiresAt'
>;

/** How a budget stands in its present period. */
export interface Budget {
  /** Cost units spent, this charge included unless it was refused. */
  readonly spent: number;
  readonly refused: boolean;
  readonly periodEnd: Date;
}

const USED_EVERY = 60;
const LIVE = 'revoked_at is null and (expires_at is null or expires_at > clock_timestamp())';
/** Periods are counted from 1970: everybody's day begins at the same time, and no row has to say when a period began. */
const PERIOD_START = `to_timestamp(floor(extract(epoch from clock_timestamp()) / $2::bigint) * $2::bigint)`;

/** Keys of accounts, and what is spent with them. */
export class ApiKeyRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns false, and stores nothing, when the account has `most` live keys already */
  add(key: NewApiKey, most: number): Promise<boolean> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        await lockAccount(manager, key.account);
        const [row] = await manager.query<{ count: number }[]>(
          `select count(*)::int as count from api_keys where account = $1 and ${LIVE}`,
          [key.account.toLowerCase()],
        );
        if (row!.count >= most) return false;
        const values = { ...key, createdAt: new Date(), previousSecretHash: null, previousExpiresAt: null };
        await manager.insert(ApiKeyEntity, toRow<ApiKeyEntity>(values));
        return true;
      }),
    );
  }

  /** The live key whose present or, while both hold, previous secret hashes to `secretHash`. Notes that it is in use. */
  open(keyId: string, secretHash: Hex): Promise<ApiKey | undefined> {
    return classified(async () => {
      const key = await this.dataSource.manager
        .createQueryBuilder(ApiKeyEntity, 'key')
        .where(
          `key.key_id = :keyId and ${LIVE} and (key.secret_hash = :hash
             or (key.previous_secret_hash = :hash and key.previous_expires_at > clock_timestamp()))`,
          { keyId, hash: secretHash.toLowerCase() },
        )
        .getOne();
      if (key === null) return undefined;
      if (key.lastUsedAt === null || Date.now() - key.lastUsedAt.getTime() > USED_EVERY * 1_000) {
        await this.dataSource.query('update api_keys set last_used_at = clock_timestamp() where key_id = $1', [keyId]);
      }
      return key;
    });
  }

  /** All keys of the account that were not revoked, expired ones included; the newest first. */
  list(account: Address): Promise<ApiKey[]> {
    return classified(() =>
      this.dataSource.manager.find(ApiKeyEntity, {
        where: { account, revokedAt: IsNull() },
        order: { createdAt: 'DESC', keyId: 'ASC' },
      }),
    );
  }

  /** The account's live key, or undefined, also where it is somebody else's. */
  find(account: Address, keyId: string): Promise<ApiKey | undefined> {
    return classified(
      async () =>
        (await this.dataSource.manager
          .createQueryBuilder(ApiKeyEntity, 'key')
          .where(`key.key_id = :keyId and key.account = :account and ${LIVE}`, {
            keyId,
            account: account.toLowerCase(),
          })
          .getOne()) ?? undefined,
    );
  }

  /** Gives the key another secret; the present one opens for `overlapSeconds` more. @returns whether there was such a key */
  rotate(account: Address, keyId: string, secretHash: Hex, overlapSeconds: number): Promise<boolean> {
    return this.#change(
      `update api_keys set previous_secret_hash = secret_hash, secret_hash = $3, rotated_at = clock_timestamp(),
         previous_expires_at = clock_timestamp() + $4 * interval '1 second'
       where key_id = $1 and account = $2 and ${LIVE}`,
      [keyId, account.toLowerCase(), secretHash.toLowerCase(), overlapSeconds],
    );
  }

  /** @returns whether there was such a key */
  revoke(account: Address, keyId: string): Promise<boolean> {
    return this.#change(
      `update api_keys set revoked_at = clock_timestamp() where key_id = $1 and account = $2 and revoked_at is null`,
      [keyId, account.toLowerCase()],
    );
  }

  /** Takes `cost` units from the period's budget, or nothing of it when that is not left. Safe from any number of processes. */
  charge({ keyId, budget, periodSeconds }: Pick<ApiKey, 'keyId' | 'budget' | 'periodSeconds'>, cost: number) {
    return classified(async (): Promise<Budget> => {
      const [row] = await this.dataSource.query<{ spent: string; period_end: Date }[]>(
        `insert into api_key_usage as usage (key_id, period_start, spent, charge_count)
         select $1, ${PERIOD_START}, $3::bigint, 1 where $4::bigint is null or $3::bigint <= $4::bigint
         on conflict (key_id, period_start) do update
         set spent = usage.spent + excluded.spent, charge_count = usage.charge_count + 1
         where $4::bigint is null or usage.spent + excluded.spent <= $4::bigint
         returning spent, period_start + $2 * interval '1 second' as period_end`,
        [keyId, periodSeconds, cost, budget],
      );
      if (row !== undefined) return { spent: Number(row.spent), refused: false, periodEnd: row.period_end };
      return { ...(await this.#spent(keyId, periodSeconds)), refused: true };
    });
  }

  /** Units spent in the present period. */
  spent({ keyId, periodSeconds }: Pick<ApiKey, 'keyId' | 'periodSeconds'>): Promise<Omit<Budget, 'refused'>> {
    return classified(() => this.#spent(keyId, periodSeconds));
  }

  async #spent(keyId: string, periodSeconds: number): Promise<Omit<Budget, 'refused'>> {
    const [row] = await this.dataSource.query<{ spent: string; period_end: Date }[]>(
      `select coalesce((select spent from api_key_usage where key_id = $1 and period_start = ${PERIOD_START}), 0) as spent,
         ${PERIOD_START} + $2 * interval '1 second' as period_end`,
      [keyId, periodSeconds],
    );
    return { spent: Number(row!.spent), periodEnd: row!.period_end };
  }

  #change(statement: string, parameters: unknown[]): Promise<boolean> {
    return classified(async () => {
      const [, count] = await this.dataSource.query<[unknown, number]>(statement, parameters);
      return count === 1;
    });
  }
}
