import type { Address, Hex } from '@openimo/domain';
import { safeDate } from '../events/values.js';

/** What a node says of a block and of a log. */
export interface RpcHeader {
  readonly number: Hex;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly timestamp: Hex;
  readonly logsBloom: Hex;
}

export interface RpcLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: Hex;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly transactionIndex: Hex;
  readonly logIndex: Hex;
}

export interface Header {
  readonly number: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly at: Date;
  readonly logsBloom: Hex;
}

export interface Log {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly logIndex: number;
  readonly transactionHash: Hex;
  readonly transactionIndex: number;
}

/** A block with the logs of our contracts, in order. */
export interface BlockWithLogs {
  readonly header: Header;
  readonly logs: readonly Log[];
}

export function parseHeader(header: RpcHeader): Header {
  return {
    number: BigInt(header.number),
    hash: header.hash.toLowerCase() as Hex,
    parentHash: header.parentHash.toLowerCase() as Hex,
    at: safeDate(BigInt(header.timestamp)),
    logsBloom: header.logsBloom,
  };
}

export function parseLog(log: RpcLog): Log {
  return {
    address: log.address.toLowerCase() as Address,
    topics: log.topics,
    data: log.data,
    logIndex: Number(log.logIndex),
    transactionHash: log.transactionHash,
    transactionIndex: Number(log.transactionIndex),
  };
}
