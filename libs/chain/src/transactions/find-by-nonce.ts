import { isDomainError, type Address, type Hex } from '@openimo/domain';
import { toChainError } from '../chain/chain-error.js';
import type { Chain } from '../chain/create-chain.js';

/** Which transaction of the chain has taken a nonce. */
export interface NonceUse {
  readonly blockNumber: bigint;
  readonly hash: Hex;
}

/** How far back to look, block by block, on a node that keeps no old state. */
const SCANNED_BLOCKS = 1_000n;

/**
 * Finds the transaction in which `account` used `nonce`.
 *
 * @returns undefined when the node cannot tell: the nonce is not used, or longer ago than the node remembers.
 */
export async function findByNonce(
  { client }: Chain,
  account: Address,
  nonce: number,
  head: bigint,
): Promise<NonceUse | undefined> {
  const isUsedAt = async (blockNumber: bigint): Promise<boolean> =>
    (await client.getTransactionCount({ address: account, blockNumber })) > nonce;

  const findIn = async (blockNumber: bigint): Promise<NonceUse | undefined> => {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true });
    const found = transactions.find(
      (each) => each.nonce === nonce && each.from.toLowerCase() === account.toLowerCase(),
    );
    return found && { blockNumber, hash: found.hash };
  };

  let first: bigint | undefined;
  try {
    first = await firstBlock(isUsedAt, head);
  } catch (error) {
    if (isDomainError(toChainError(error))) throw error;
    for (let at = head; at >= 0n && at > head - SCANNED_BLOCKS; at--) {
      const found = await findIn(at);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return first === undefined ? undefined : findIn(first);
}

/** The first block at which `holds`, which then holds for good; searched backwards from `head` in growing steps. */
async function firstBlock(holds: (block: bigint) => Promise<boolean>, head: bigint): Promise<bigint | undefined> {
  if (!(await holds(head))) return undefined;
  let high = head;
  let step = 1n;
  let low = high - step;
  while (low >= 0n && (await holds(low))) {
    high = low;
    step *= 2n;
    low = high - step;
  }
  if (low < 0n) low = -1n;
  while (high - low > 1n) {
    const middle = (high + low) / 2n;
    if (await holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
