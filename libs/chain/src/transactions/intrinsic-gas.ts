import { hexToBytes, type Hex } from 'viem';

const TRANSACTION = 21_000n;
const CREATION = 32_000n;
const ZERO_BYTE_TOKENS = 1n;
const OTHER_BYTE_TOKENS = 4n;
const GAS_PER_TOKEN = 4n;
const FLOOR_PER_TOKEN = 10n;
const INITCODE_WORD = 2n;

/**
 * The least gas a transaction needs to be valid at all, before any code runs.
 * Sources: EIP-2028 (calldata), EIP-3860 (initcode), EIP-7623 (calldata floor).
 */
export function intrinsicGas({ to, data = '0x' }: { readonly to: Hex | null; readonly data?: Hex }): bigint {
  const bytes = hexToBytes(data);
  const zeros = BigInt(bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0));
  const tokens = zeros * ZERO_BYTE_TOKENS + (BigInt(bytes.length) - zeros) * OTHER_BYTE_TOKENS;
  const creation = to === null ? CREATION + INITCODE_WORD * BigInt(Math.ceil(bytes.length / 32)) : 0n;
  const standard = TRANSACTION + tokens * GAS_PER_TOKEN + creation;
  const floor = TRANSACTION + tokens * FLOOR_PER_TOKEN;
  return standard > floor ? standard : floor;
}
