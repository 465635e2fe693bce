import type { Address } from '@openimo/domain';
import { type ApiKey, ApiKeyRepository, type Session, SessionRepository } from '@openimo/persistence';
import type { Authenticator, Credentials } from '../graphql/authenticator.js';
import type { Viewer } from '../graphql/request-context.js';
import { authError } from './auth.errors.js';
import { bearerOf, cookieOf, parseApiKey, REQUEST_HEADER } from './credentials.js';
import { hashSecret } from './keys.js';
import { SCOPES } from './scopes.js';
import type { Tokens } from './tokens.js';

/** Finds the caller by API key, token or session cookie; a header says more than a cookie that is sent by itself. */
export class HeaderAuthenticator implements Authenticator {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly keys: ApiKeyRepository,
    private readonly tokens: Tokens,
  ) {}

  async authenticate({ headers, connectionParams }: Credentials): Promise<Viewer | null> {
    const bearer = bearerOf(headers) ?? bearerOf({ authorization: textOf(connectionParams?.['authorization']) });
    if (bearer !== undefined) return bearer.startsWith('imo_') ? this.#byKey(bearer) : this.#byToken(bearer);
    if (headers.authorization !== undefined) {
      throw authError('CredentialsInvalid', 'Send "authorization: Bearer" and an API key or a token.');
    }
    const cookie = cookieOf(headers);
    return cookie === undefined ? null : this.#byCookie(cookie, headers[REQUEST_HEADER] !== undefined);
  }

  async #byKey(text: string): Promise<Viewer> {
    const parts = parseApiKey(text);
    const key: ApiKey | undefined = parts && (await this.keys.open(parts.keyId, hashSecret(parts.secret)));
    if (key === undefined) {
      throw authError('CredentialsInvalid', 'The API key is unknown, expired or revoked. Make another.');
    }
    return { via: 'apiKey', address: key.account, scopes: key.scopes, keyId: key.keyId, budget: budgetOf(key) };
  }

  async #byToken(text: string): Promise<Viewer> {
    const { sessionId } = await this.tokens.check(text);
    return this.#bySession(await this.sessions.findById(sessionId), 'token');
  }

  async #byCookie(token: string, fromOwnPage: boolean): Promise<Viewer> {
    const viewer = this.#bySession(await this.sessions.findByTokenHash(hashSecret(token)), 'session');
    await this.sessions.touch(viewer.sessionId!);
    return { ...viewer, fromOwnPage };
  }

  #bySession(session: Session | undefined, via: 'session' | 'token'): Viewer {
    if (session === undefined) throw authError('CredentialsInvalid', 'The session has ended. Sign in again.');
    const address: Address = session.account;
    return { via, address, scopes: SCOPES, sessionId: session.sessionId };
  }
}

function budgetOf({ keyId, budget, periodSeconds }: ApiKey): Viewer['budget'] {
  return { keyId, budget, periodSeconds };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
