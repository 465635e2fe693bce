import type { Address } from '@openimo/domain';
import { getAddress } from 'viem';
import { parseSiweMessage, type SiweMessage } from 'viem/siwe';
import { authError } from './auth.errors.js';

/** What a message must say to count here and now. */
export interface SignInExpectation {
  /** Hosts under which people see us, with port where it is not the usual one. */
  readonly domains: readonly string[];
  readonly chainId: number;
  readonly now: Date;
}

export interface SignInClaim {
  readonly address: Address;
  readonly nonce: string;
}

const MAX_LENGTH = 4_096;
/** Clocks of wallets differ from ours. */
const SKEW_MS = 60_000;
const MAX_AGE_MS = 15 * 60_000;

/**
 * Reads an EIP-4361 message and compares everything that it promises but the signature.
 *
 * @throws DomainError with an AuthErrorCode that says which promise it was
 */
export function readSignInMessage(message: string, expected: SignInExpectation): SignInClaim {
  const fields = parse(message);
  const { address, nonce, domain } = fields;
  if (!expected.domains.includes(domain)) {
    throw authError(
      'SignInDomainWrong',
      `The message is for ${domain}, not for us. Sign in on ${expected.domains[0]}.`,
    );
  }
  if (!isOfDomain(fields.uri, domain)) {
    throw authError('SignInUriWrong', `The URI of the message must be one of ${domain}.`);
  }
  if (fields.chainId !== expected.chainId) {
    throw authError(
      'SignInChainWrong',
      `The message is for chain ${fields.chainId}. Switch the wallet to chain ${expected.chainId}.`,
      { chainId: expected.chainId },
    );
  }
  checkTimes(fields, expected.now.getTime());
  return { address: address.toLowerCase() as Address, nonce };
}

type Complete = SiweMessage & { issuedAt: Date };

function parse(message: string): Complete {
  const malformed = () =>
    authError(
      'SignInMessageMalformed',
      'This is not a Sign-in with Ethereum message (EIP-4361). Sign one in with a wallet.',
    );
  if (message.length > MAX_LENGTH) throw malformed();
  const fields = parseSiweMessage(message);
  const { address, domain, nonce, uri, version, chainId, issuedAt } = fields;
  if (!address || !domain || !nonce || !uri || version !== '1' || chainId === undefined) throw malformed();
  const dates = [issuedAt, fields.expirationTime, fields.notBefore].filter((date) => date !== undefined);
  if (issuedAt === undefined || dates.some((date) => Number.isNaN(date.getTime()))) throw malformed();
  // The standard wants the checksum; another spelling would be another text to sign.
  if (getAddress(address) !== address) throw malformed();
  return fields as Complete;
}

/** A page reached over plain HTTP is nobody's but the machine's own. */
function isOfDomain(uri: string, domain: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, host, hostname } = new URL(uri);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return host === domain && (protocol === 'https:' || (protocol === 'http:' && isLocal));
}

function checkTimes({ issuedAt, expirationTime, notBefore }: Complete, now: number): void {
  const notYet = Math.max(issuedAt.getTime(), notBefore?.getTime() ?? 0);
  if (notYet > now + SKEW_MS) {
    throw authError('SignInNotYetValid', 'The message is not valid yet. Check the clock of the wallet.');
  }
  const expired = Math.min(issuedAt.getTime() + MAX_AGE_MS, expirationTime?.getTime() ?? Infinity) <= now;
  if (expired) throw authError('SignInExpired', 'The message has expired. Sign in again.');
}
