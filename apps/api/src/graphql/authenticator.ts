import type { IncomingHttpHeaders } from 'node:http';
import type { Viewer } from './request-context.js';

/** What identifies a caller: the headers of a request, or of the handshake of a WebSocket and its `connection_init`. */
export interface Credentials {
  readonly headers: IncomingHttpHeaders;
  readonly connectionParams?: Readonly<Record<string, unknown>>;
}

/** Port: finds out who asks. */
export interface Authenticator {
  /**
   * @returns null for whoever shows nothing
   * @throws DomainError when what is shown is wrong or expired: an error beats answering as if nobody had asked
   */
  authenticate(credentials: Credentials): Promise<Viewer | null>;
}
