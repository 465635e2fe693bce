import type { DataSource } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { SessionEntity } from './session.entity.js';

export type Session = Omit<SessionEntity, never>;
export type NewSession = Pick<Session, 'sessionId' | 'account' | 'tokenHash' | 'userAgent' | 'expiresAt'>;

/** Seeing a session again writes at most this often, in seconds. */
const SEEN_EVERY = 60;

const LIVE = 'revoked_at is null and expires_at > clock_timestamp()';

/** Who is signed in, and which nonces were used for it. */
export class SessionRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Marks a nonce as used. Of any number of callers with the same nonce, in any number of processes, one is told true.
   * @param expiresAt when the nonce itself expires: the row is kept until then
   */
  useNonce(nonce: string, expiresAt: Date): Promise<boolean> {
    return classified(async () => {
      await this.dataSource.query('delete from used_nonces where expires_at < clock_timestamp()');
      const used = await this.dataSource.query<unknown[]>(
        'insert into used_nonces (nonce, expires_at) values ($1, $2) on conflict do nothing returning nonce',
        [nonce, expiresAt],
      );
      return used.length === 1;
    });
  }

  /** Stores a session, and forgets the ones that ended more than thirty days ago. */
  add(session: NewSession): Promise<void> {
    return classified(async () => {
      await this.dataSource.query(
        `delete from sessions where least(expires_at, coalesce(revoked_at, expires_at)) < now() - interval '30 days'`,
      );
      const now = new Date();
      await this.dataSource.manager.insert(
        SessionEntity,
        toRow<SessionEntity>({ ...session, createdAt: now, lastSeenAt: now, revokedAt: null }),
      );
    });
  }

  /** The live session with this token, or undefined. */
  findByTokenHash(tokenHash: Hex): Promise<Session | undefined> {
    return this.#findLive('token_hash', tokenHash.toLowerCase());
  }

  /** The live session of this id, or undefined. */
  findById(sessionId: string): Promise<Session | undefined> {
    return this.#findLive('session_id', sessionId);
  }

  /** The account's live sessions, the newest first. */
  list(account: Address): Promise<Session[]> {
    return classified(() =>
      this.dataSource.manager
        .createQueryBuilder(SessionEntity, 'session')
        .where(`session.account = :account and ${LIVE}`, { account: account.toLowerCase() })
        .orderBy('session.createdAt', 'DESC')
        .addOrderBy('session.sessionId')
        .getMany(),
    );
  }

  /** Ends a session of the account. @returns whether there was a live one of this id */
  revoke(account: Address, sessionId: string): Promise<boolean> {
    return classified(async () => {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `update sessions set revoked_at = clock_timestamp() where session_id = $1 and account = $2 and ${LIVE}`,
        [sessionId, account.toLowerCase()],
      );
      return count === 1;
    });
  }

  /** Ends all of the account's sessions but `except`. @returns how many it ended */
  revokeAll(account: Address, except = ''): Promise<number> {
    return classified(async () => {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `update sessions set revoked_at = clock_timestamp() where account = $1 and session_id <> $2 and ${LIVE}`,
        [account.toLowerCase(), except],
      );
      return count;
    });
  }

  /** Notes that the session is in use. */
  touch(sessionId: string): Promise<void> {
    return classified(async () => {
      await this.dataSource.query(
        `update sessions set last_seen_at = clock_timestamp()
         where session_id = $1 and last_seen_at < clock_timestamp() - $2 * interval '1 second'`,
        [sessionId, SEEN_EVERY],
      );
    });
  }

  #findLive(column: 'token_hash' | 'session_id', value: string): Promise<Session | undefined> {
    return classified(
      async () =>
        (await this.dataSource.manager
          .createQueryBuilder(SessionEntity, 'session')
          .where(`session.${column} = :value and ${LIVE}`, { value })
          .getOne()) ?? undefined,
    );
  }
}
