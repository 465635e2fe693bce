import { inferenceOracleAbi } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import type { NewJob } from '@openimo/persistence';
import { type Log, parseEventLogs } from 'viem';

/** What a stretch of the oracle's logs says to an operator. */
export interface RequestNews {
  readonly opened: readonly NewJob[];
  /** Requests that something happened to, the opened ones included. */
  readonly touched: readonly bigint[];
}

/**
 * Reads requests and what became of them. A request is two events of one transaction: ours carries the terms,
 * `AICallbackRequest` the bytes.
 *
 * @param isServed whether a version is one of those the operator follows
 */
export function readRequestLogs(
  logs: readonly Log<bigint, number, false>[],
  oracle: Address,
  isServed: (versionId: bigint) => boolean,
): RequestNews {
  const events = parseEventLogs({
    abi: inferenceOracleAbi,
    logs: logs.filter(({ address }) => address.toLowerCase() === oracle.toLowerCase()),
  });
  const bytes = new Map<
    bigint,
    { input: NewJob['input']; callback: Pick<NewJob, 'callbackContract' | 'callbackGasLimit' | 'callbackData'> }
  >();
  for (const { eventName, args } of events) {
    if (eventName !== 'AICallbackRequest') continue;
    const { callbackContract, gasLimit, callbackData } = args;
    bytes.set(args.requestId, {
      input: args.input,
      callback: { callbackContract, callbackGasLimit: gasLimit, callbackData },
    });
  }
  const opened: NewJob[] = [];
  const touched = new Set<bigint>();
  for (const event of events) {
    switch (event.eventName) {
      case 'RequestOpened': {
        const { requestId, versionId, account, batchSize, deadline, options } = event.args;
        const request = bytes.get(requestId);
        if (request === undefined || !isServed(versionId)) break;
        touched.add(requestId);
        opened.push({
          requestId,
          versionId,
          account,
          batchSize: Number(batchSize),
          input: request.input,
          ...request.callback,
          options: withDecimals(options),
          blockNumber: event.blockNumber,
          blockHash: event.blockHash,
          deadline: new Date(Number(deadline) * 1_000),
        });
        break;
      }
      case 'OutputAsserted':
      case 'AssertionVoided':
      case 'RequestFinalized':
      case 'RequestRefunded':
        touched.add(event.args.requestId);
    }
  }
  return { opened, touched: [...touched] };
}

function withDecimals(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  );
}
