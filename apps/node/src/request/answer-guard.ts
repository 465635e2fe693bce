import type { Chain, TransactionRecord } from '@openimo/chain';
import { inferenceOracleAbi } from '@openimo/contracts';
import type { Job, JobRepository } from '@openimo/persistence';
import { BlockNotFoundError, encodeFunctionData } from 'viem';

type Client = Pick<Chain['client'], 'getBlock'>;

/**
 * Whether the chain still has the block a request was seen in. Ids of requests count up, so after a reorganisation another
 * request may have the id: an answer to the former would be a wrong answer to it, and cost its bond.
 */
export async function isSeenIn(client: Client, { blockNumber, blockHash }: Pick<Job, 'blockNumber' | 'blockHash'>) {
  try {
    const { hash } = await client.getBlock({ blockNumber });
    return hash.toLowerCase() === blockHash.toLowerCase();
  } catch (error) {
    if (error instanceof BlockNotFoundError) return false;
    throw error;
  }
}

/** Whether a stored answer is still one to the request that has the id now. Every other transaction the contracts check. */
export function answerGuard(client: Client, jobs: Pick<JobRepository, 'find'>) {
  return async ({ key, data }: Pick<TransactionRecord, 'key' | 'data'>): Promise<boolean> => {
    const requestId = /^assert:(\d+):/.exec(key)?.[1];
    if (requestId === undefined) return true;
    const job = await jobs.find(BigInt(requestId));
    if (job?.outputs == null) return false;
    const args = [job.requestId, job.outputs] as const;
    const answer = encodeFunctionData({ abi: inferenceOracleAbi, functionName: 'assertOutputs', args });
    return answer.toLowerCase() === data.toLowerCase() && isSeenIn(client, job);
  };
}
