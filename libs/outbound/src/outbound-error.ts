import { DomainError } from '@openimo/domain';

export type OutboundErrorCode =
  /** Not a URL we fetch: scheme, user name, malformed. */
  | 'OutboundUrlRefused'
  /** The host is, or resolves to, an address that is none of the public internet. data: { host, reason } */
  | 'OutboundAddressRefused'
  /** data: { host }; retryable */
  | 'OutboundHostUnknown'
  /** data: { limitMs }; retryable */
  | 'OutboundTimedOut'
  /** data: { limitBytes } */
  | 'OutboundTooLarge'
  /** It answered with a redirect, which is not followed. data: { status } */
  | 'OutboundRedirected'
  /** No connection, TLS or HTTP. data: { reason }; retryable */
  | 'OutboundFailed';

export const urlRefused = (message: string) => new DomainError<OutboundErrorCode>('OutboundUrlRefused', message);

/** Names the host, never the address it resolved to: that would let strangers read our DNS. */
export const addressRefused = (host: string, reason: string) =>
  new DomainError<OutboundErrorCode>(
    'OutboundAddressRefused',
    `${host} is not on the public internet (${reason}). Give a URL that everybody can reach.`,
    { data: { host, reason } },
  );

export const hostUnknown = (host: string, cause: unknown) =>
  new DomainError<OutboundErrorCode>('OutboundHostUnknown', `There is no host ${host}. Check its name.`, {
    data: { host },
    cause,
    retryable: true,
  });

export const timedOut = (limitMs: number) =>
  new DomainError<OutboundErrorCode>('OutboundTimedOut', `The server did not answer within ${limitMs} ms.`, {
    data: { limitMs },
    retryable: true,
  });

export const tooLarge = (limitBytes: number) =>
  new DomainError<OutboundErrorCode>('OutboundTooLarge', `The answer has more than ${limitBytes} bytes.`, {
    data: { limitBytes },
  });

export const redirected = (status: number) =>
  new DomainError<OutboundErrorCode>(
    'OutboundRedirected',
    `The server answered ${status}, a redirect, which is not followed. Give the final URL.`,
    { data: { status } },
  );

export const failed = (cause: unknown) => {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new DomainError<OutboundErrorCode>('OutboundFailed', `The server cannot be reached (${reason}).`, {
    data: { reason },
    cause,
    retryable: true,
  });
};
