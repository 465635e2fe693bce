import { type Address, formatUnits } from '@openimo/domain';
import { ETH } from '../revenue/revenue.types.js';

const DECIMALS = 18;

export function money(amount: bigint, asset: Address): string {
  return asset === ETH ? `${formatUnits(amount, DECIMALS)} ETH` : `${amount} units of the ERC-20 ${asset}`;
}

/** Of a ModelToken, all of which have 18 decimals. */
export function tokens(amount: bigint, symbol: string): string {
  return `${formatUnits(amount, DECIMALS)} ${symbol}`;
}
