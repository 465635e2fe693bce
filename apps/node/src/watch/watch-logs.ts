import { inferenceOracleAbi } from '@openimo/contracts';
import { isAddressEqual, type Address, type ParseEventLogsReturnType } from 'viem';
import type { NewWatchedAnswer } from '@openimo/persistence';

export type OracleLogs = ParseEventLogsReturnType<typeof inferenceOracleAbi, undefined, true>;

interface Interest {
  readonly me: Address;
  readonly isWatched: (versionId: bigint) => boolean;
  /** Time of the newest block, in seconds: whose window was over by then cannot be disputed any more. */
  readonly now: number;
}

/** The answers of others in a stretch of the chain that can still be disputed. */
export function readWatchLogs(logs: OracleLogs, { me, isWatched, now }: Interest): NewWatchedAnswer[] {
  return logs.flatMap((log): NewWatchedAnswer[] => {
    if (log.eventName !== 'OutputAsserted') return [];
    const { requestId, round, versionId, operator, outputRoot, finalAt } = log.args;
    if (isAddressEqual(operator, me) || !isWatched(versionId) || Number(finalAt) <= now) return [];
    const { blockNumber, blockHash } = log;
    const ends = new Date(Number(finalAt) * 1_000);
    return [{ requestId, round, versionId, operator, outputRoot, blockNumber, blockHash, finalAt: ends }];
  });
}
