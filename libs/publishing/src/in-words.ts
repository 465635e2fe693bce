import { formatUnits } from '@openimo/domain';
import { type Address, isAddressEqual, zeroAddress } from 'viem';

/** Of ETH and of every ModelToken. */
const DECIMALS = 18;

/** An amount of ETH (the zero address), or of an ERC-20, whose decimals its contract may say as it likes. */
export function moneyInWords(amount: bigint, asset: Address): string {
  if (isAddressEqual(asset, zeroAddress)) return `${formatUnits(amount, DECIMALS)} ETH`;
  return `${amount} units of the ERC-20 ${asset}`;
}

/** An amount of a ModelToken. */
export function tokensInWords(amount: bigint, symbol: string): string {
  return `${formatUnits(amount, DECIMALS)} ${symbol}`;
}
