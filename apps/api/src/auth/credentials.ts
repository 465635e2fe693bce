import type { IncomingHttpHeaders } from 'node:http';

/** Opens nothing from another site: `SameSite=Strict`, and changes need `REQUEST_HEADER` besides. */
export const SESSION_COOKIE = 'openimo_session';
/** A page of another origin cannot send it without asking first; any value will do. */
export const REQUEST_HEADER = 'x-openimo-request';

const API_KEY = /^imo_([0-9a-f]{32})_([0-9a-f]{64})$/;
const BEARER = /^bearer +(\S+)$/i;

export interface ApiKeyParts {
  readonly keyId: string;
  readonly secret: string;
}

/** Undefined where it is no API key. */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  const [, keyId, secret] = API_KEY.exec(text) ?? [];
  return keyId === undefined ? undefined : { keyId, secret: secret! };
}

export function formatApiKey({ keyId, secret }: ApiKeyParts): string {
  return `imo_${keyId}_${secret}`;
}

/** What follows `Bearer`. */
export function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return BEARER.exec(authorization ?? '')?.[1];
}

/** The session's token, if the browser sent one. */
export function cookieOf({ cookie = '' }: IncomingHttpHeaders): string | undefined {
  for (const pair of cookie.split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE && value) return value;
  }
  return undefined;
}

/** @param maxAgeSeconds 0 takes it back */
export function sessionCookie(
  token: string,
  { secure, maxAgeSeconds }: { secure: boolean; maxAgeSeconds: number },
): string {
  const attributes = ['HttpOnly', 'SameSite=Strict', 'Path=/', `Max-Age=${maxAgeSeconds}`];
  return [`${SESSION_COOKIE}=${token}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ');
}
