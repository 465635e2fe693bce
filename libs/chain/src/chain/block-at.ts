import type { Chain } from './create-chain.js';

/**
 * The first block from `fromBlock` on that is not older than `timestamp`, in seconds; the block behind the newest where all
 * are older. Block times only grow, so it halves its way there.
 */
export async function blockAt(
  client: Pick<Chain['client'], 'getBlock' | 'getBlockNumber'>,
  timestamp: number,
  fromBlock: bigint,
): Promise<bigint> {
  let low = fromBlock;
  let high = (await client.getBlockNumber()) + 1n;
  while (low < high) {
    const middle = (low + high) / 2n;
    const block = await client.getBlock({ blockNumber: middle });
    if (Number(block.timestamp) < timestamp) low = middle + 1n;
    else high = middle;
  }
  return low;
}
