import { inferenceOracleAbi, modelRegistryAbi } from '@openimo/contracts';
import type { NewJob } from '@openimo/persistence';
import type { ParseEventLogsReturnType } from 'viem';

/** The events an operator follows, and others it ignores. */
export const FOLLOWED_ABI = [...inferenceOracleAbi, ...modelRegistryAbi] as const;

export type FollowedLogs = ParseEventLogsReturnType<typeof FOLLOWED_ABI, undefined, true>;

/** What a stretch of the chain says to an operator. */
export interface RequestNews {
  readonly opened: readonly NewJob[];
  /** Requests that something happened to, the opened ones included. */
  readonly touched: readonly bigint[];
  /** There is a version that was not there before. */
  readonly published: boolean;
}

type RequestBytes = Pick<NewJob, 'input' | 'callbackContract' | 'callbackGasLimit' | 'callbackData'>;

/**
 * Reads requests and what became of them. A request is two events of one transaction: ours carries the terms,
 * `AICallbackRequest` the bytes.
 *
 * @param isServed whether a version is one of those the operator follows
 */
export function readRequestLogs(logs: FollowedLogs, isServed: (versionId: bigint) => boolean): RequestNews {
  const bytes = new Map<bigint, RequestBytes>();
  for (const { eventName, args } of logs) {
    if (eventName !== 'AICallbackRequest') continue;
    const { input, callbackContract, gasLimit: callbackGasLimit, callbackData } = args;
    bytes.set(args.requestId, { input, callbackContract, callbackGasLimit, callbackData });
  }
  const opened: NewJob[] = [];
  const touched = new Set<bigint>();
  let published = false;
  for (const log of logs) {
    switch (log.eventName) {
      case 'RequestOpened': {
        const { requestId, versionId, account, batchSize, deadline, options } = log.args;
        const request = bytes.get(requestId);
        if (request === undefined || !isServed(versionId)) break;
        touched.add(requestId);
        opened.push({
          requestId,
          versionId,
          account,
          batchSize: Number(batchSize),
          ...request,
          options: withDecimals(options),
          blockNumber: log.blockNumber,
          blockHash: log.blockHash,
          deadline: new Date(Number(deadline) * 1_000),
        });
        break;
      }
      case 'OutputAsserted':
      case 'AssertionVoided':
      case 'RequestFinalized':
      case 'RequestRefunded':
        touched.add(log.args.requestId);
        break;
      case 'VersionPublished':
        published = true;
    }
  }
  return { opened, touched: [...touched], published };
}

function withDecimals(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  );
}
