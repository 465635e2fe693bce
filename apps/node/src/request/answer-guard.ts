import type { Chain, TransactionRecord } from '@openimo/chain';
import { inferenceOracleAbi } from '@openimo/contracts';
import type { Address } from 'viem';

const NONE = 0;

/**
 * Whether a stored answer still has a request to reach: a reorganisation may have taken it. No other can have its id, which is
 * made of what was asked, so a lost answer costs a fee for nothing at most. Every other transaction the contracts check.
 */
export function answerGuard(client: Pick<Chain['client'], 'readContract'>, oracle: Address) {
  return async ({ key }: Pick<TransactionRecord, 'key'>): Promise<boolean> => {
    const requestId = /^assert:(\d+):/.exec(key)?.[1];
    if (requestId === undefined) return true;
    const { status } = await client.readContract({
      address: oracle,
      abi: inferenceOracleAbi,
      functionName: 'request',
      args: [BigInt(requestId)],
    });
    return status !== NONE;
  };
}
