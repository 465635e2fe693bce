import { request as requestHttp, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isDomainError } from '@openimo/domain';
import { refusalOfAddress, type AddressPolicy } from './address-policy.js';
import { addressRefused, failed, hostUnknown, redirected, timedOut, tooLarge, urlRefused } from './outbound-error.js';
import { systemResolver, type ResolveHost } from './resolve-host.js';

export interface SafeFetchOptions extends AddressPolicy {
  /** Also `http:` URLs. Default: `https:` alone. */
  readonly allowHttp?: boolean;
  /** For name, connection, headers and body together. Default: 5,000. */
  readonly timeoutMs?: number;
  /** Of the body. Default: 1 MiB. */
  readonly maxBytes?: number;
  /** Default: as the operating system does. */
  readonly resolve?: ResolveHost;
}

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request early; what it rejects with is the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

export type SafeFetch = (url: string, request?: OutboundRequest) => Promise<OutboundResponse>;

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_BYTES = 2 ** 20;
const MAX_URL_LENGTH = 2_048;

/**
 * A fetch for URLs that strangers give us. The name is resolved once, every address it has must be one of the public internet,
 * and the connection goes to the first of those very addresses: an answer of the DNS that changes meanwhile changes nothing.
 * Redirects are not followed, bodies are not unpacked.
 *
 * @returns whatever status the server gives, but redirects
 * @throws DomainError with an OutboundErrorCode
 * @example
 * const fetchSafely = createSafeFetch();
 * const { status, body } = await fetchSafely('https://example.org/card.md');
 */
export function createSafeFetch(options: SafeFetchOptions = {}): SafeFetch {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES, resolve = systemResolver } = options;
  return async (text, request = {}) => {
    const url = checkUrl(text, options);
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
    try {
      const address = await checkedAddress(url, resolve, options, signal);
      const response = await send(url, address, request, signal);
      return await receive(response, maxBytes, signal);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (isDomainError(error)) throw error;
      throw deadline.aborted ? timedOut(timeoutMs) : failed(error);
    }
  };
}

/**
 * What can be said of a URL before anybody is asked. Numbers that stand for addresses (`http://2130706433`, `0x7f.1`) are
 * addresses after this: the URL standard's parser reads them as browsers and C libraries do.
 *
 * @throws DomainError `OutboundUrlRefused`, `OutboundAddressRefused`
 */
export function checkUrl(text: string, options: Pick<SafeFetchOptions, 'allowHttp'> & AddressPolicy = {}): URL {
  if (text.length > MAX_URL_LENGTH) throw urlRefused(`A URL has at most ${MAX_URL_LENGTH} characters.`);
  if (!URL.canParse(text)) throw urlRefused('This is not a URL. Write it like https://example.org/hook.');
  const url = new URL(text);
  const schemes = options.allowHttp ? ['https:', 'http:'] : ['https:'];
  if (!schemes.includes(url.protocol)) throw urlRefused('Only https URLs are fetched.');
  if (url.username !== '' || url.password !== '') throw urlRefused('A URL must not hold a user name or password.');
  const host = hostOf(url);
  if (isIP(host) !== 0) refuseUnlessPublic(host, [host], options);
  return url;
}

async function checkedAddress(url: URL, resolve: ResolveHost, policy: AddressPolicy, signal: AbortSignal) {
  const host = hostOf(url);
  if (isIP(host) !== 0) return host;
  const addresses = await abortable(resolve(host), signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw hostUnknown(host, error);
  });
  refuseUnlessPublic(host, addresses, policy);
  return addresses[0]!;
}

/** One bad address among good ones is enough: a name that has both is up to something. */
function refuseUnlessPublic(host: string, addresses: readonly string[], policy: AddressPolicy): void {
  for (const address of addresses) {
    const reason = refusalOfAddress(address, policy);
    if (reason !== undefined) throw addressRefused(host, reason);
  }
}

function send(
  url: URL,
  address: string,
  { method = 'GET', headers = {}, body }: OutboundRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const family = isIP(address);
  // Node asks this instead of the DNS; the name stays in the URL for the Host header and the certificate.
  const lookup: LookupFunction = (_, { all }, callback) =>
    all ? callback(null, [{ address, family }]) : callback(null, address, family);
  const outgoing: OutgoingHttpHeaders = { 'user-agent': 'openimo', accept: '*/*', ...headers };
  outgoing['accept-encoding'] = 'identity';
  if (body !== undefined) outgoing['content-length'] = Buffer.byteLength(body);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // No agent: a kept connection would be one to an address that was checked for another request.
    request(url, { method, headers: outgoing, lookup, agent: false, signal }, resolve).on('error', reject).end(body);
  });
}

async function receive(response: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<OutboundResponse> {
  try {
    const status = response.statusCode!;
    if (status >= 300 && status < 400 && status !== 304) throw redirected(status);
    if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
    signal.throwIfAborted();
    return { status, contentType: response.headers['content-type'], body: Buffer.concat(chunks, length) };
  } finally {
    response.destroy();
  }
}

/** IPv6 addresses stand in brackets in a URL, and a fully qualified name may end with a dot. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
