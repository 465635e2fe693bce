import { parseAbi, toFunctionSelector } from 'viem';
import type { Hex } from '@openimo/domain';

/** Contracts small enough to write by hand, for tests that must not depend on ours. */

/**
 * Counts calls per calldata word: `storage[calldata[0..32)] += 1`.
 *
 * CALLDATALOAD(0) DUP1 SLOAD 1 ADD SWAP1 SSTORE STOP
 */
export const COUNTER_CODE = initCode('5f3580546001019055' + '00');

/** Emits an anonymous-free event `Counted(uint256 indexed word)` with the word of the calldata and no data. */
export const COUNTED = parseAbi(['event Counted(uint256 indexed word)']);

/** CALLDATALOAD(0), the topic, LOG2 over nothing. */
export function emitterCode(topic: Hex): Hex {
  return initCode(`5f357f${topic.slice(2)}5f5fa200`);
}

export const REFUSES = parseAbi(['error Shop_TooExpensive(uint256 price, uint256 limit)']);

/** Always reverts with `Shop_TooExpensive(7, 5)`. */
export const REFUSER_CODE = initCode(
  (() => {
    const data =
      toFunctionSelector('Shop_TooExpensive(uint256,uint256)').slice(2) + '7'.padStart(64, '0') + '5'.padStart(64, '0');
    // CODECOPY(0, 10, 68) REVERT(0, 68), then the data
    return `6044600a5f3960445ffd${data}`;
  })(),
);

/** Copies what follows itself into memory and returns it. */
function initCode(runtime: string): Hex {
  const size = (runtime.length / 2).toString(16).padStart(4, '0');
  // CODECOPY(0, 12, size) RETURN(0, size)
  return `0x61${size}600c5f3961${size}5ff3${runtime}`;
}
