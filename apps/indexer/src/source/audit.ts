import { type ContractKind, type Contracts, DECODERS } from '../events/contracts.js';
import { Bloom, EMPTY_BLOOM } from '../rpc/bloom.js';
import type { Header, Log } from './block.js';

export type Verdict =
  /** Nothing is missing. */
  | 'complete'
  /** Something of ours may be missing: all logs of the block must be seen. */
  | 'doubtful';

/**
 * Whether a block has logs of our contracts that a node did not give. Nodes answer `eth_getLogs` from indices of their own,
 * and sometimes with less than there is; the header's bloom filter is part of the block's hash and cannot be short.
 */
export function audit({ logsBloom }: Header, ours: readonly Log[], contracts: Contracts): Verdict {
  if (logsBloom === EMPTY_BLOOM) return ours.length === 0 ? 'complete' : 'doubtful';
  const inHeader = Bloom.parse(logsBloom);
  if (ours.length > 0) {
    // A block with only our logs explains its filter entirely, and its positions have no gaps.
    return isAll(ours, inHeader) ? 'complete' : 'doubtful';
  }
  return contracts.addresses.some((address) => mayHaveEvents(inHeader, address, contracts.kindOf(address)!))
    ? 'doubtful'
    : 'complete';
}

/** Whether these are all logs of the block, as far as its filter can tell. */
export function isAllLogs({ logsBloom }: Header, all: readonly Log[]): boolean {
  return isAll(all, Bloom.parse(logsBloom));
}

function isAll(logs: readonly Log[], inHeader: Bloom): boolean {
  const bloom = new Bloom();
  for (let i = 0; i < logs.length; i++) {
    const { address, topics, logIndex } = logs[i]!;
    if (logIndex !== i) return false;
    bloom.add(address);
    for (const topic of topics) bloom.add(topic);
  }
  return bloom.equals(inHeader);
}

function mayHaveEvents(bloom: Bloom, address: string, kind: ContractKind): boolean {
  return bloom.mayHave(address) && DECODERS[kind].topics.some((topic) => bloom.mayHave(topic));
}
