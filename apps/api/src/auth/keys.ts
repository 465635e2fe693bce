import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Hex } from '@openimo/domain';

/** Distinct keys from one secret: what is signed for one purpose says nothing for another. */
export function keyFor(purpose: 'nonce' | 'token', secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `openimo ${purpose}`, 32));
}

/** 256 random bits. */
export function randomSecret(): string {
  return randomBytes(32).toString('hex');
}

/** A name nobody guesses, of 128 random bits. */
export function randomId(): string {
  return randomBytes(16).toString('hex');
}

/**
 * How secrets are stored. A plain hash is enough for 256 random bits: there is nothing to try that a slow one would slow down,
 * and it costs every request a microsecond.
 */
export function hashSecret(secret: string): Hex {
  return `0x${createHash('sha256').update(secret).digest('hex')}`;
}
