import { errors, jwtVerify, SignJWT } from 'jose';
import type { Address } from '@openimo/domain';
import { authError } from './auth.errors.js';

const ISSUER = 'openimo';
const ALGORITHM = 'HS256';

export interface TokenClaims {
  readonly address: Address;
  /** The session it was made in: it ends with that, however long it is valid. */
  readonly sessionId: string;
}

/** Short-lived bearer tokens (RFC 7519) for programs of people who signed in. */
export class Tokens {
  constructor(
    private readonly key: Uint8Array,
    readonly lifeSeconds: number,
  ) {}

  async issue({ address, sessionId }: TokenClaims): Promise<{ token: string; expiresAt: Date }> {
    const expiresAt = Math.floor(Date.now() / 1_000) + this.lifeSeconds;
    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setSubject(address)
      .setIssuedAt()
      .setExpirationTime(expiresAt)
      .sign(this.key);
    return { token, expiresAt: new Date(expiresAt * 1_000) };
  }

  /** @throws DomainError `CredentialsInvalid` */
  async check(token: string): Promise<TokenClaims> {
    try {
      const { payload } = await jwtVerify(token, this.key, {
        issuer: ISSUER,
        audience: ISSUER,
        algorithms: [ALGORITHM],
        requiredClaims: ['sub', 'sid', 'exp'],
      });
      return { address: payload.sub as Address, sessionId: payload['sid'] as string };
    } catch (error) {
      const why = error instanceof errors.JWTExpired ? 'has expired' : 'is not one of ours';
      throw authError('CredentialsInvalid', `The token ${why}. Sign in again.`);
    }
  }
}
