import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { authError } from './auth.errors.js';

const FORM = /^([0-9a-f]{32})([0-9a-f]{12})([0-9a-f]{32})$/;

export interface Nonce {
  readonly nonce: string;
  readonly expiresAt: Date;
}

/**
 * Nonces for sign-in: random, dated and signed, so that asking for them writes nothing anywhere. Which were used is kept by
 * `SessionRepository.useNonce`.
 */
export class Nonces {
  constructor(
    private readonly key: Uint8Array,
    private readonly lifeMs: number,
  ) {}

  issue(now = Date.now()): Nonce {
    const expiresAt = now + this.lifeMs;
    const body = randomBytes(16).toString('hex') + expiresAt.toString(16).padStart(12, '0');
    return { nonce: body + this.#sign(body), expiresAt: new Date(expiresAt) };
  }

  /**
   * @returns when it expires
   * @throws DomainError `SignInNonceInvalid` where it is none of ours, or too old
   */
  check(nonce: string, now = Date.now()): Date {
    const [, random, expiry, signature] = FORM.exec(nonce) ?? [];
    const isOurs =
      random !== undefined &&
      timingSafeEqual(Buffer.from(signature!, 'hex'), Buffer.from(this.#sign(random + expiry!), 'hex'));
    const expiresAt = isOurs ? Number.parseInt(expiry!, 16) : 0;
    if (expiresAt <= now) {
      throw authError(
        'SignInNonceInvalid',
        'The nonce is not one of ours or has expired. Ask for another and sign again.',
      );
    }
    return new Date(expiresAt);
  }

  #sign(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('hex').slice(0, 32);
  }
}
