export { isRange, refusalOfAddress, type AddressPolicy } from './address-policy.js';
export type { OutboundErrorCode } from './outbound-error.js';
export { dnsResolver, systemResolver, type ResolveHost } from './resolve-host.js';
export {
  checkUrl,
  createSafeFetch,
  type OutboundRequest,
  type OutboundResponse,
  type SafeFetch,
  type SafeFetchOptions,
} from './safe-fetch.js';
