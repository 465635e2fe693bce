import { DomainError } from '@openimo/domain';

const UINT256_MAX = 2n ** 256n - 1n;

export interface Range {
  readonly least?: bigint;
  readonly most?: bigint;
}

/**
 * Reads a number that somebody typed: a count, or an id as the chain knows it.
 *
 * @param what as at the beginning of a sentence, such as "The request"
 * @throws DomainError `NotANumber`, `NumberOutOfRange`
 */
export function wholeNumber(text: string, what: string, { least = 0n, most = UINT256_MAX }: Range = {}): bigint {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text)) {
    throw new DomainError(
      'NotANumber',
      `${what} is a whole number, decimal or in hexadecimal with 0x; "${text}" is not.`,
    );
  }
  const number = BigInt(text);
  if (least <= number && number <= most) return number;
  const limits = most === UINT256_MAX ? `from ${least} on, of 256 bits at most` : `from ${least} to ${most}`;
  throw new DomainError('NumberOutOfRange', `${what} is a number ${limits}; ${text} is not.`);
}
