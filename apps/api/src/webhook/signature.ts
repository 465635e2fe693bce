import { createHmac } from 'node:crypto';

export const SIGNATURE_HEADER = 'openimo-signature';

/**
 * Says that we sent `body` at `at`: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hexadecimal>`. A receiver works out the
 * same with its secret, compares in constant time, and refuses what is older than a few minutes.
 */
export function signatureOf(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1_000);
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
