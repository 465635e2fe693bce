import ipaddr from 'ipaddr.js';

/** Which addresses of the network may be spoken to. */
export interface AddressPolicy {
  /** CIDR ranges of our own that are public and still nobody else's business, e.g. `203.0.113.0/24`. */
  readonly denied?: readonly string[];
  /** CIDR ranges that are permitted whatever they are: the loopback interface of a development machine. */
  readonly allowed?: readonly string[];
}

/** IPv6 that is routed on the internet: IANA has allocated no other. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/**
 * Why an address must not be spoken to, e.g. `loopback`, `private` or `ipv4Mapped`; undefined when it may be.
 *
 * Only global unicast passes. So private, link-local, loopback, carrier-grade NAT, multicast and reserved ranges do not, and of
 * IPv6 nothing that carries an IPv4 address within: mapped, NAT64 (RFC 6052, RFC 8215), 6to4, Teredo.
 */
export function refusalOfAddress(
  address: string,
  { denied = [], allowed = [] }: AddressPolicy = {},
): string | undefined {
  if (!ipaddr.isValid(address)) return 'not an address';
  const parsed = ipaddr.parse(address);
  if (allowed.some((range) => isWithin(parsed, range))) return undefined;
  if (denied.some((range) => isWithin(parsed, range))) return 'denied';
  const range = parsed.range();
  if (range !== 'unicast') return range;
  if (parsed.kind() === 'ipv6' && !parsed.match(GLOBAL_UNICAST)) return 'not global';
  return undefined;
}

/** Whether `text` is a range in CIDR notation. */
export function isRange(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, range: string): boolean {
  const [network, bits] = ipaddr.parseCIDR(range);
  return address.kind() === network.kind() && address.match(network, bits);
}
