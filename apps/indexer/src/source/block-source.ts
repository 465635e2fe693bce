import { DomainError, type Address, type Hex } from '@openimo/domain';
import { type Contracts, DECODERS, type Deployed } from '../events/contracts.js';
import type { JsonRpc, RpcCall } from '../rpc/json-rpc.js';
import { audit, isAllLogs } from './audit.js';
import {
  type BlockWithLogs,
  type Header,
  type Log,
  parseHeader,
  parseLog,
  type RpcHeader,
  type RpcLog,
} from './block.js';
import type { At, FactReader, FamilyAssets, OfferingFacts, VersionFacts } from './facts.js';

export type SourceErrorCode =
  /** What the node said does not fit together: it moved meanwhile, or has not got there yet. */
  'ChainMoved';

export interface Head {
  readonly header: Header;
  /** The newest final block. Undefined where the node does not say. */
  readonly finalizedBlock: bigint | undefined;
}

/** Consecutive blocks, each the parent of the next, with every log of our contracts. */
export interface BlockRange {
  readonly blocks: readonly BlockWithLogs[];
  readonly facts: Facts;
}

/** What had to be read beside the logs, by `factKey`. */
export interface Facts {
  readonly offerings: ReadonlyMap<string, OfferingFacts>;
  readonly versions: ReadonlyMap<string, VersionFacts>;
  readonly assets: ReadonlyMap<string, FamilyAssets>;
}

export interface BlockSourceOptions {
  readonly rpc: JsonRpc;
  readonly contracts: Contracts;
  readonly facts: FactReader;
  /** Blocks that are final by age; undefined: the node's `finalized` block. */
  readonly finalityDepth: bigint | undefined;
  /** Check every block's logs against its header. */
  readonly audit: boolean;
}

/** Most addresses in one filter. */
const ADDRESSES_PER_CALL = 500;
/** State of older blocks may be gone; what is read is immutable, so any later block will do. */
const STATE_KEPT_BLOCKS = 64n;

export function factKey(header: Header, log: Log): string {
  return `${header.hash}:${log.logIndex}`;
}

/** Reads the chain in ranges and believes nothing that does not fit together. */
export class BlockSource {
  readonly #options: BlockSourceOptions;
  #head = 0n;

  constructor(options: BlockSourceOptions) {
    this.#options = options;
  }

  async head(): Promise<Head> {
    const { rpc, finalityDepth } = this.#options;
    const calls = [blockCall('latest'), ...(finalityDepth === undefined ? [blockCall('finalized')] : [])];
    const [latest, finalized] = await rpc.batch<RpcHeader | null>(calls);
    if (!latest) throw moved('there is no newest block');
    const header = parseHeader(latest);
    this.#head = header.number;
    if (finalityDepth === undefined) {
      return { header, finalizedBlock: finalized ? BigInt(finalized.number) : undefined };
    }
    return { header, finalizedBlock: header.number < finalityDepth ? undefined : header.number - finalityDepth };
  }

  /** The headers of these blocks; undefined for what the chain does not have. */
  async headers(numbers: readonly bigint[]): Promise<(Header | undefined)[]> {
    const found = await this.#options.rpc.batch<RpcHeader | null>(numbers.map((number) => blockCall(hex(number))));
    return found.map((header, i) => {
      if (header === null) return undefined;
      const parsed = parseHeader(header);
      if (parsed.number !== numbers[i]) throw moved(`asked for block ${numbers[i]}, got ${parsed.number}`);
      return parsed;
    });
  }

  /**
   * Both ends included. Contracts deployed in the range join `contracts`, and their logs, from their first on, are part of it.
   * @throws DomainError `ChainMoved`, `RpcUnavailable`, `RpcRefused`; all may be tried again
   */
  async read(from: bigint, to: bigint): Promise<BlockRange> {
    const numbers = Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i));
    const [headers, found] = await Promise.all([
      this.headers(numbers),
      this.#logs(from, to, this.#options.contracts.addresses),
    ]);
    const range = new RangeBuilder(headers);
    range.add(found);
    await this.#complete(range);
    return { blocks: range.blocks(), facts: await this.#readFacts(range.blocks()) };
  }

  /** Adds logs of contracts that were deployed on the way, and whatever the node left out. */
  async #complete(range: RangeBuilder): Promise<void> {
    const { contracts } = this.#options;
    const checked = new Set<Hex>();
    for (;;) {
      const fresh = new Set<Address>();
      for (const { logs } of range.blocks()) {
        for (const log of logs) for (const address of contracts.addAll(log)) fresh.add(address);
      }
      if (fresh.size > 0) {
        range.add(await this.#logs(range.first, range.last, [...fresh]));
        continue;
      }
      const doubtful = this.#options.audit
        ? range
            .blocks()
            .filter(({ header, logs }) => !checked.has(header.hash) && audit(header, logs, contracts) === 'doubtful')
        : [];
      if (doubtful.length === 0) return;
      const all = await this.#options.rpc.batch<RpcLog[]>(
        doubtful.map(({ header }) => ({ method: 'eth_getLogs', params: [{ blockHash: header.hash }] })),
      );
      doubtful.forEach(({ header }, i) => {
        const logs = all[i]!.map(parseLog).sort((a, b) => a.logIndex - b.logIndex);
        if (!isAllLogs(header, logs)) throw moved(`the logs of block ${header.number} are not all there`);
        checked.add(header.hash);
        // A contract deployed in a log that was missing is found in the next round, and its logs with it.
        range.add(all[i]!.filter(({ address }) => contracts.kindOf(address.toLowerCase() as Address) !== undefined));
      });
    }
  }

  async #logs(from: bigint, to: bigint, addresses: readonly Address[]): Promise<RpcLog[]> {
    const calls: RpcCall[] = [];
    for (let at = 0; at < addresses.length; at += ADDRESSES_PER_CALL) {
      const address = addresses.slice(at, at + ADDRESSES_PER_CALL);
      calls.push({ method: 'eth_getLogs', params: [{ address, fromBlock: hex(from), toBlock: hex(to) }] });
    }
    return (await this.#options.rpc.batch<RpcLog[]>(calls)).flat();
  }

  async #readFacts(blocks: readonly BlockWithLogs[]): Promise<Facts> {
    const { contracts, facts } = this.#options;
    const offerings = new Map<string, OfferingFacts>();
    const versions = new Map<string, VersionFacts>();
    const assets = new Map<string, FamilyAssets>();
    const reads: Promise<unknown>[] = [];
    for (const { header, logs } of blocks) {
      const at: At = header.number + STATE_KEPT_BLOCKS < this.#head ? 'latest' : { blockHash: header.hash };
      for (const log of logs) {
        const kind = contracts.kindOf(log.address);
        if (kind !== 'factory' && kind !== 'registry') continue;
        const event = DECODERS[kind].decode(log);
        const key = factKey(header, log);
        const { familyId, versionId } = (event?.args ?? {}) as { familyId: bigint; versionId: bigint };
        if (event?.name === 'OfferingCreated') {
          const deployed = event.args as unknown as Deployed;
          reads.push(facts.offering(deployed, at).then((found) => offerings.set(key, found)));
        } else if (event?.name === 'VersionPublished') {
          reads.push(facts.version(versionId, at).then((found) => versions.set(key, found)));
        } else if (event?.name === 'FamilyRegistered') {
          reads.push(facts.familyAssets(familyId, at).then((found) => assets.set(key, found)));
        }
      }
    }
    await Promise.all(reads);
    return { offerings, versions, assets };
  }
}

/** Puts headers and logs together, in order, and refuses what does not fit. */
class RangeBuilder {
  readonly #headers: readonly Header[];
  readonly #logs: Map<number, Log>[];
  #blocks: BlockWithLogs[] | undefined;

  constructor(headers: readonly (Header | undefined)[]) {
    let before: Header | undefined;
    for (const header of headers) {
      if (header === undefined) throw moved('a block is not there yet, or not any more');
      if (before !== undefined && header.parentHash !== before.hash) {
        throw moved(`block ${header.number} does not follow the one before it`);
      }
      before = header;
    }
    this.#headers = headers as readonly Header[];
    this.#logs = headers.map(() => new Map<number, Log>());
  }

  get first(): bigint {
    return this.#headers[0]!.number;
  }

  get last(): bigint {
    return this.#headers.at(-1)!.number;
  }

  /** Logs that are there already stay as they are. */
  add(logs: readonly RpcLog[]): void {
    const first = Number(this.first);
    for (const log of logs) {
      const at = Number(log.blockNumber) - first;
      const header = this.#headers[at];
      if (header === undefined || header.hash !== log.blockHash) {
        throw moved(`a log is of another block ${Number(log.blockNumber)}`);
      }
      const parsed = parseLog(log);
      if (!this.#logs[at]!.has(parsed.logIndex)) this.#logs[at]!.set(parsed.logIndex, parsed);
    }
    this.#blocks = undefined;
  }

  blocks(): readonly BlockWithLogs[] {
    this.#blocks ??= this.#headers.map((header, i) => ({
      header,
      logs: [...this.#logs[i]!.values()].sort((a, b) => a.logIndex - b.logIndex),
    }));
    return this.#blocks;
  }
}

function blockCall(block: string): RpcCall {
  return { method: 'eth_getBlockByNumber', params: [block, false] };
}

function hex(number: bigint): Hex {
  return `0x${number.toString(16)}`;
}

function moved(what: string): DomainError<SourceErrorCode> {
  return new DomainError('ChainMoved', `The chain moved while it was read: ${what}. Try again.`, { retryable: true });
}
