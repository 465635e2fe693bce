import { DomainError, parseUnits } from '@openimo/domain';

const ETHER_DECIMALS = 18;
const UINT128_MAX = 2n ** 128n - 1n;

/**
 * Reads an amount of ETH that somebody typed.
 *
 * @param what as at the beginning of a sentence, such as "The price"
 * @returns wei
 * @throws DomainError `AmountMalformed`, `AmountTooPrecise`, `AmountOutOfRange`
 */
export function etherAmount(text: string, what: string): bigint {
  const wei = parseUnits(text, ETHER_DECIMALS);
  if (wei >= 0n && wei <= UINT128_MAX) return wei;
  throw new DomainError(
    'AmountOutOfRange',
    `${what} cannot be ${text} ETH. Nobody has that much, or less than nothing.`,
  );
}
