import { isDomainError } from '@openimo/domain';
import { toChainError } from '../chain/chain-error.js';
import { LogWindow } from './log-window.js';

export interface BlockRange {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/** Filtered by an indexed topic, a range may be wide before a provider refuses it. */
const MAX_BLOCKS = 1_000_000n;

/**
 * Looks for something in the newest blocks first, then further and further back, in ranges as wide as the RPC allows.
 *
 * @param look what there is in a range of blocks, usually `getContractEvents`
 * @returns what the newest range has in which there is anything; nothing where `within` has none
 * @example
 * const look = (range) => client.getContractEvents({ ...oracle, eventName: 'OutputAsserted', args: { requestId }, ...range });
 * const events = await searchBack(look, { fromBlock: deployment.startBlock, toBlock: await client.getBlockNumber() });
 */
export async function searchBack<Found>(
  look: (range: BlockRange) => Promise<readonly Found[]>,
  within: BlockRange,
): Promise<readonly Found[]> {
  const window = new LogWindow(MAX_BLOCKS);
  let { toBlock } = within;
  while (toBlock >= within.fromBlock) {
    const left = toBlock - within.fromBlock + 1n;
    const size = left < window.blocks ? left : window.blocks;
    const fromBlock = toBlock - size + 1n;
    try {
      const found = await look({ fromBlock, toBlock });
      if (found.length > 0) return found;
      window.accepted(size);
      toBlock = fromBlock - 1n;
    } catch (error) {
      if (isDomainError(toChainError(error), 'RpcUnavailable') || !window.refused(size)) throw error;
    }
  }
  return [];
}
