import type { ContractAddresses } from '@openimo/contracts';
import { DomainError, isDomainError, type Address } from '@openimo/domain';
import type { Block, IndexIdentity, IndexRepository, IndexState, RawLog } from '@openimo/persistence';
import { Contracts } from '../events/contracts.js';
import { type Changes, Ledger } from '../ledger/ledger.js';
import {
  applyBlocks,
  type DecodedBlock,
  decodeBlocks,
  fixedAddresses,
  newsOfBlocks,
  rawLogs,
} from '../projections/apply-blocks.js';
import type { FixedAddresses } from '../projections/projection.js';
import type { JsonRpc } from '../rpc/json-rpc.js';
import { Alarm } from '@openimo/service';
import { type BlockRange, BlockSource, type Head } from '../source/block-source.js';
import type { Header } from '../source/block.js';
import { FactReader } from '../source/facts.js';
import { BlockWindow } from './block-window.js';

export interface IndexerOptions {
  readonly identity: IndexIdentity;
  readonly addresses: ContractAddresses;
  /** Whom the protocol's share of fees is for. */
  readonly treasury: Address;
  readonly rpc: JsonRpc;
  readonly index: IndexRepository;
  readonly finalityDepth: bigint | undefined;
  readonly audit: boolean;
  readonly maxBlocks: number;
  readonly pollMs: number;
  /** See `IndexerConfig.shorterMs`. */
  readonly shorterMs: number;
  /** Index no further than this, and end there. */
  readonly untilBlock?: bigint;
  readonly onEvent?: (event: IndexerEvent) => void;
}

export type IndexerEvent =
  | { readonly type: 'indexed'; readonly state: IndexState; readonly blocks: number; readonly logs: number }
  | { readonly type: 'rolledBack'; readonly state: IndexState; readonly blocks: bigint }
  | { readonly type: 'caughtUp'; readonly state: IndexState }
  /** Everything is read again from the start. */
  | { readonly type: 'startedOver'; readonly error: DomainError }
  | { readonly type: 'trouble'; readonly error: unknown };

export type IndexerErrorCode =
  /** The chain behind the RPC is another one than that of the deployment. */
  'GenesisChanged' | 'FinalBlockRetracted';

interface Reading {
  readonly from: bigint;
  readonly to: bigint;
  readonly range: Promise<BlockRange>;
}

const MAX_BACKOFF_MS = 5_000;
const NOTHING_FINAL = -1n;
/** Headers compared at once on the way back to where two chains part. */
const HEADERS_PER_STEP = 64;

/**
 * Follows the chain and keeps the read model at its head. Every write brings the read model from one block of one chain to
 * another, completely; where it stands is in the database and nowhere else, so the process may end at any moment.
 */
export class Indexer {
  readonly #options: IndexerOptions;
  readonly #fixed: FixedAddresses;
  readonly #window: BlockWindow;
  readonly #ledger: Ledger;
  readonly #alarm = new Alarm();
  #source!: BlockSource;
  #contracts!: Contracts;
  #ahead: Reading | undefined;
  /** The write in flight. The next batch is worked out meanwhile. */
  #writing: Promise<void> | undefined;
  #isFresh = false;
  #shorterSince: number | undefined;

  constructor(options: IndexerOptions) {
    this.#options = options;
    this.#fixed = fixedAddresses(options.addresses, options.treasury);
    this.#window = new BlockWindow(options.maxBlocks);
    this.#ledger = new Ledger(options.index.tables);
  }

  /** Looks at once instead of at the next interval. */
  wake(): void {
    this.#alarm.ring();
  }

  /**
   * Follows until the signal aborts, or `untilBlock` is indexed.
   *
   * @throws DomainError `IndexTakenOver`, `IndexOfAnotherDeployment`, `FinalBlockRetracted`, `GenesisChanged`
   */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (!this.#isFresh) await this.#refresh();
        const isAtHead = await this.#step(signal);
        failures = 0;
        if (this.#isDone()) return;
        if (!isAtHead) continue;
      } catch (error) {
        await this.#writing?.catch(() => undefined);
        this.#writing = undefined;
        // Whether a write went through is not known, nor whether what was read still holds.
        this.#isFresh = false;
        this.#ahead = undefined;
        if (!isDomainError(error) || !error.retryable) throw error;
        failures++;
        this.#options.onEvent?.({ type: 'trouble', error });
      }
      const { pollMs } = this.#options;
      const waitMs =
        failures === 0 ? pollMs : Math.min(MAX_BACKOFF_MS, Math.max(50, pollMs) * 2 ** Math.min(failures - 1, 10));
      await this.#alarm.wait(waitMs, signal);
    }
  }

  /** Reads from the database where we stand and whom we follow. */
  async #refresh(): Promise<void> {
    const { index, addresses, rpc, finalityDepth, audit } = this.#options;
    await index.reload();
    this.#ledger.forget();
    this.#contracts = new Contracts(addresses);
    for (const deployed of await index.deployed()) this.#contracts.add(deployed);
    const facts = new FactReader(rpc, addresses.modelRegistry as Address);
    this.#source = new BlockSource({ rpc, contracts: this.#contracts, facts, finalityDepth, audit });
    this.#ahead = undefined;
    this.#isFresh = true;
  }

  #isDone(): boolean {
    const { untilBlock, index } = this.#options;
    return untilBlock !== undefined && (index.state.blockNumber ?? NOTHING_FINAL) >= untilBlock;
  }

  /** One batch, or one rollback. @returns whether there was nothing to do */
  async #step(signal: AbortSignal): Promise<boolean> {
    const { index, identity, untilBlock } = this.#options;
    const head = await this.#source.head();
    const { blockNumber, blockHash } = index.state;
    if (blockNumber !== null && head.header.number < blockNumber) return this.#onShorterChain(head);
    this.#shorterSince = undefined;
    if (head.header.number === blockNumber) {
      if (head.header.hash !== blockHash) return this.#rollBack();
      await this.#noteHead(head);
      return true;
    }
    const from = blockNumber === null ? identity.startBlock : blockNumber + 1n;
    const last = untilBlock !== undefined && untilBlock < head.header.number ? untilBlock : head.header.number;
    if (from > last) return true;
    return this.#sync(from, last, head, signal);
  }

  /** Indexes everything up to `last`: reads one range, works out the one before, and writes the one before that, all at once. */
  async #sync(start: bigint, last: bigint, head: Head, signal: AbortSignal): Promise<boolean> {
    let tipHash = this.#options.index.state.blockHash;
    for (let from = start; from <= last && !signal.aborted;) {
      const reading = this.#ahead?.from === from ? this.#ahead : this.#read(from, last);
      this.#ahead = undefined;
      const range = await this.#finished(reading);
      if (range === undefined) continue;
      if (tipHash !== null && range.blocks[0]!.header.parentHash !== tipHash) {
        await this.#written();
        return this.#rollBack();
      }
      tipHash = range.blocks.at(-1)!.header.hash;
      from = reading.to + 1n;
      if (from <= last) this.#ahead = this.#read(from, last);
      await this.#write(range, head);
    }
    await this.#written();
    return false;
  }

  async #written(): Promise<void> {
    const writing = this.#writing;
    this.#writing = undefined;
    await writing;
  }

  #read(from: bigint, last: bigint): Reading {
    const end = from + BigInt(this.#window.blocks) - 1n;
    const to = end < last ? end : last;
    const range = this.#source.read(from, to);
    // Awaited later; until then a failure is nobody's.
    range.catch(() => undefined);
    return { from, to, range };
  }

  /** Undefined: the node refused, and it is to be asked for less. */
  async #finished({ from, to, range }: Reading): Promise<BlockRange | undefined> {
    const blocks = Number(to - from) + 1;
    try {
      const read = await range;
      this.#window.read(
        blocks,
        read.blocks.reduce((sum, { logs }) => sum + logs.length, 0),
      );
      return read;
    } catch (error) {
      const isTooMuch = isDomainError(error) && (error.code === 'RpcRefused' || error.data?.['reason'] === 'Timeout');
      if (!isTooMuch || !this.#window.refused(blocks)) throw error;
      this.#options.onEvent?.({ type: 'trouble', error });
      return undefined;
    }
  }

  async #write(range: BlockRange, head: Head): Promise<void> {
    const { index } = this.#options;
    const decoded = decodeBlocks(range, this.#contracts);
    const finalizedBlock = head.finalizedBlock ?? NOTHING_FINAL;
    const before = index.state.finalizedBlock ?? NOTHING_FINAL;
    for (;;) {
      this.#ledger.restart();
      applyBlocks(decoded, range, this.#fixed, this.#ledger, before > finalizedBlock ? before : finalizedBlock);
      const missing = this.#ledger.missing();
      if (missing.length === 0) break;
      for (const { entity, keys } of missing) this.#ledger.learn(entity, keys, await index.find(entity, keys));
    }
    const blocks = range.blocks.map(({ header }): Block => toBlock(header));
    const logs = rawLogs(range.blocks);
    const changes = this.#ledger.changes();
    this.#ledger.committed();
    await this.#written();
    this.#writing = this.#commit(blocks, logs, changes, decoded, head);
    // Awaited before the next one; until then a failure is nobody's.
    this.#writing.catch(() => undefined);
  }

  async #commit(
    blocks: readonly Block[],
    logs: readonly RawLog[],
    changes: Changes,
    decoded: readonly DecodedBlock[],
    head: Head,
  ): Promise<void> {
    const { index } = this.#options;
    const isHistory = blocks.at(-1)!.number <= (index.state.liveAfter ?? head.header.number);
    const state = await index.commit({
      blocks,
      logs,
      ...changes,
      news: isHistory ? [] : newsOfBlocks(decoded),
      finality: { headBlock: head.header.number, finalizedBlock: head.finalizedBlock },
    });
    this.#options.onEvent?.({ type: 'indexed', state, blocks: blocks.length, logs: logs.length });
  }

  async #noteHead(head: Head): Promise<void> {
    const { index } = this.#options;
    const { headBlock, finalizedBlock } = index.state;
    const isNews =
      headBlock !== head.header.number || (head.finalizedBlock ?? NOTHING_FINAL) > (finalizedBlock ?? NOTHING_FINAL);
    const state = isNews
      ? await index.setFinality({ headBlock: head.header.number, finalizedBlock: head.finalizedBlock })
      : index.state;
    this.#options.onEvent?.({ type: 'caughtUp', state });
  }

  /** Behind one URL may be many nodes, and some of them behind: a chain that is merely shorter is given time to grow. */
  async #onShorterChain({ header }: Head): Promise<boolean> {
    const [ours] = (await this.#options.index.headers(header.number)).slice(-1);
    const isPrefix = ours?.number === header.number && ours.hash === header.hash;
    this.#shorterSince ??= performance.now();
    if (isPrefix && performance.now() - this.#shorterSince < this.#options.shorterMs) return true;
    this.#shorterSince = undefined;
    return this.#rollBack();
  }

  /** To the newest block that both chains have. */
  async #rollBack(): Promise<false> {
    const { index, finalityDepth } = this.#options;
    const { blockNumber: tip, finalizedBlock } = index.state;
    await this.#checkGenesis();
    try {
      const state = await index.rollBack(await this.#commonAncestor());
      this.#options.onEvent?.({ type: 'rolledBack', state, blocks: tip! - state.blockNumber! });
    } catch (error) {
      // Finality by depth is a guess; where it was wrong the way back is gone, but the chain is still there to be read.
      const isGuess = finalityDepth !== undefined || finalizedBlock === null;
      const isWrongGuess = isGuess && isDomainError(error, 'FinalBlockRetracted');
      if (!isWrongGuess) throw error;
      await index.clear({ keepNews: false });
      this.#options.onEvent?.({ type: 'startedOver', error: error as DomainError });
    }
    this.#isFresh = false;
    return false;
  }

  /** @throws DomainError `GenesisChanged` */
  async #checkGenesis(): Promise<void> {
    const expected = this.#options.identity.genesisHash.toLowerCase();
    const [genesis] = await this.#source.headers([0n]);
    if (genesis === undefined || genesis.hash === expected) return;
    throw new DomainError<IndexerErrorCode>(
      'GenesisChanged',
      `The chain starts with block ${genesis.hash}, the deployment was made on one that starts with ${expected}. The chain was ` +
        'reset: deploy again, and give the indexer a new database or run: openimo db rebuild',
      { data: { actual: genesis.hash, expected } },
    );
  }

  /** @throws DomainError `FinalBlockRetracted` */
  async #commonAncestor(): Promise<Block> {
    const { index, identity } = this.#options;
    const floor = index.state.finalizedBlock ?? identity.startBlock;
    const known = await index.headers(floor);
    for (let at = 0; at < known.length; at += HEADERS_PER_STEP) {
      const candidates = known.slice(at, at + HEADERS_PER_STEP);
      const actual = await this.#source.headers(candidates.map(({ number }) => number));
      const found = candidates.find(({ hash }, i) => actual[i]?.hash === hash);
      if (found !== undefined) return found;
    }
    throw new DomainError<IndexerErrorCode>(
      'FinalBlockRetracted',
      `The chain does not have block ${floor} as it was indexed, although it was final. If that is right, run: openimo db rebuild`,
      { data: { finalizedBlock: floor.toString() } },
    );
  }
}

function toBlock({ number, hash, parentHash, at }: Header): Block {
  return { number, hash, parentHash, at };
}
