import { BaseError, BlockNotFoundError, parseEventLogs, type Abi, type Log, type ParseEventLogsReturnType } from 'viem';
import { isDomainError, type Address, type Hex } from '@openimo/domain';
import { toChainError } from '../chain/chain-error.js';
import type { Chain } from '../chain/create-chain.js';
import { Alarm } from '../support/concurrency.js';
import { LogWindow } from './log-window.js';

/** A block that has been handled, with everything before it. */
export interface LogCheckpoint {
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
}

/** Where the handler stores how far it is; `ChainCursorRepository` of @openimo/persistence is one. */
export interface LogCursor {
  /** Newest first; empty before the first block. The more of them, the less is read again after a reorganisation. */
  checkpoints(): Promise<readonly LogCheckpoint[]>;
}

/** The logs of one range of blocks, in order; possibly none. */
export interface LogBatch<abi extends Abi> {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
  /** To be stored together with what is made of the logs. */
  readonly checkpoint: LogCheckpoint;
  readonly logs: ParseEventLogsReturnType<abi, undefined, true>;
  /** The newest block of the chain when this range was read. */
  readonly headBlock: bigint;
}

export interface LogFollowerOptions<abi extends Abi> {
  readonly chain: Chain;
  /** Whose logs; asked before every range, so that new contracts may join. */
  readonly addresses: () => readonly Address[];
  /** Events outside it are skipped. */
  readonly abi: abi;
  readonly cursor: LogCursor;
  /** Where to begin when there is no checkpoint. */
  readonly startBlock: bigint;
  /** Stores the logs and the checkpoint, in one transaction. May be called again with the same range if it throws. */
  readonly onBlocks: (batch: LogBatch<abi>) => Promise<void>;
  /** Takes back, in one transaction, everything after `ancestor` and its checkpoints; undefined: everything there is. */
  readonly onRollback: (ancestor: LogCheckpoint | undefined) => Promise<void>;
  /** Of the chain by default. */
  readonly pollIntervalMs?: number;
  /** Most blocks to ask for at once. 10,000 by default. */
  readonly maxBlocks?: bigint;
  /** Stay this many blocks behind the head. 0 by default. */
  readonly lagBlocks?: bigint;
  /** What went wrong and is tried again, for the log. */
  readonly onTrouble?: (error: unknown) => void;
}

const MAX_BLOCKS = 10_000n;
/** The newest blocks are asked for by hash: a node that does not have them yet says so, instead of "no logs". */
const ASKED_BY_HASH = 2n;
/** How much longer than usual to wait at most while something is down. */
const MAX_BACKOFF_POLLS = 50;
const MAX_BACKOFF_MS = 5_000;
/** How long a chain may be shorter than what we saw before we believe it; behind one address may be many nodes. */
const SHORTER_MS = 10_000;

type Header = { readonly number: bigint; readonly hash: Hex; readonly parentHash: Hex };

/**
 * Hands every log of some contracts to a handler, once and in the order of the chain, from a stored checkpoint on. A
 * reorganisation is handed on as a rollback to the newest checkpoint both chains share. While the RPC or the handler's database
 * is down it waits; where it was is in the database, not here.
 */
export class LogFollower<abi extends Abi> {
  readonly #options: LogFollowerOptions<abi>;
  readonly #chain: Chain;
  readonly #window: LogWindow;
  readonly #alarm = new Alarm();
  /** Newest first. Undefined: to be read again. */
  #checkpoints: LogCheckpoint[] | undefined;
  #shorterSince: number | undefined;

  constructor(options: LogFollowerOptions<abi>) {
    this.#options = options;
    this.#chain = options.chain;
    this.#window = new LogWindow(options.maxBlocks ?? MAX_BLOCKS);
  }

  /** Looks at once instead of at the next interval, e.g. because a subscription or a transaction of ours says so. */
  wake(): void {
    this.#alarm.ring();
  }

  /**
   * Follows until the signal aborts, then resolves.
   *
   * @throws what the handler throws, unless it is retryable or of the chain
   */
  async run(signal: AbortSignal): Promise<void> {
    const pollIntervalMs = this.#options.pollIntervalMs ?? this.#chain.pollIntervalMs;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const isAtHead = await this.#step();
        failures = 0;
        if (!isAtHead) continue;
      } catch (thrown) {
        const error = toChainError(thrown);
        // Where the handler's transaction ended is not known.
        this.#checkpoints = undefined;
        if (error instanceof HandlerError && !passes(error.cause)) throw error.cause;
        failures++;
        this.#options.onTrouble?.(error instanceof HandlerError ? error.cause : error);
      }
      const mostMs = Math.max(pollIntervalMs, Math.min(MAX_BACKOFF_MS, pollIntervalMs * MAX_BACKOFF_POLLS));
      await this.#alarm.sleep(Math.min(mostMs, pollIntervalMs * 2 ** Math.min(failures, 16)), signal);
    }
  }

  /** Handles one range, or rolls back once. @returns whether there was nothing to do. */
  async #step(): Promise<boolean> {
    const checkpoints = (this.#checkpoints ??= [...(await handled(() => this.#options.cursor.checkpoints()))]);
    const last = checkpoints[0];
    const head = await this.#header();

    if (last !== undefined && head.number < last.blockNumber) return this.#onShorterChain(checkpoints, head);
    this.#shorterSince = undefined;
    if (last !== undefined && head.number === last.blockNumber) {
      return head.hash === last.blockHash || this.#rollBack(checkpoints);
    }

    const readable = head.number - (this.#options.lagBlocks ?? 0n);
    const fromBlock = last === undefined ? this.#options.startBlock : last.blockNumber + 1n;
    if (fromBlock > readable) return true;

    const first = await this.#header(fromBlock);
    if (last !== undefined && first.parentHash !== last.blockHash) return this.#rollBack(checkpoints);
    const range = await this.#read(first, readable);
    // Reorganised while being read, or refused and to be asked in smaller portions.
    if (range === undefined) return false;

    const checkpoint = { blockNumber: range.last.number, blockHash: range.last.hash };
    const logs = parseEventLogs({ abi: this.#options.abi, logs: range.logs });
    const batch = { fromBlock, toBlock: range.last.number, checkpoint, logs, headBlock: head.number };
    await handled(() => this.#options.onBlocks(batch as LogBatch<abi>));
    checkpoints.unshift(checkpoint);
    return false;
  }

  async #read(first: Header, readable: bigint): Promise<{ readonly last: Header; readonly logs: Log[] } | undefined> {
    const { client } = this.#chain;
    const address = [...this.#options.addresses()];
    const bulkEnd = readable - ASKED_BY_HASH;
    if (first.number > bulkEnd) {
      return { last: first, logs: await client.getLogs({ address, blockHash: first.hash }) };
    }

    const size = bulkEnd - first.number + 1n < this.#window.blocks ? bulkEnd - first.number + 1n : this.#window.blocks;
    const toBlock = first.number + size - 1n;
    const before = await this.#header(toBlock);
    let logs: Log[];
    try {
      logs = await client.getLogs({ address, fromBlock: first.number, toBlock });
    } catch (error) {
      const isDown = isDomainError(toChainError(error), 'RpcUnavailable') && !isTimeout(error);
      if (isDown || !this.#window.refused(size)) throw error;
      this.#options.onTrouble?.(error);
      return undefined;
    }
    this.#window.accepted(size);
    const after = await this.#header(toBlock);
    return after.hash === before.hash ? { last: after, logs } : undefined;
  }

  async #onShorterChain(checkpoints: LogCheckpoint[], head: Header): Promise<boolean> {
    this.#shorterSince ??= performance.now();
    const isPatient = !this.#chain.isLocal && performance.now() - this.#shorterSince < SHORTER_MS;
    if (isPatient) return true;
    return this.#rollBack(checkpoints.filter(({ blockNumber }) => blockNumber <= head.number));
  }

  /** To the newest of `candidates` that is still on the chain. */
  async #rollBack(candidates: readonly LogCheckpoint[]): Promise<false> {
    let ancestor: LogCheckpoint | undefined;
    for (const candidate of candidates) {
      const header = await this.#header(candidate.blockNumber).catch((error: unknown) => {
        if (error instanceof BlockNotFoundError) return undefined;
        throw error;
      });
      if (header?.hash !== candidate.blockHash) continue;
      ancestor = candidate;
      break;
    }
    await handled(() => this.#options.onRollback(ancestor));
    this.#checkpoints = undefined;
    this.#shorterSince = undefined;
    return false;
  }

  async #header(blockNumber?: bigint): Promise<Header> {
    const block = await this.#chain.client.getBlock(blockNumber === undefined ? {} : { blockNumber });
    return { number: block.number, hash: block.hash, parentHash: block.parentHash };
  }
}

/** Tells the handler's errors from the chain's. */
class HandlerError extends Error {}

/** What the chain says while a handler reads it passes, as it does here: a reorganisation may take a block from under anybody. */
function passes(cause: unknown): boolean {
  return isDomainError(cause) ? cause.retryable : cause instanceof BaseError;
}

async function handled<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new HandlerError('handler', { cause });
  }
}

function isTimeout(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at.name === 'TimeoutError') return true;
  return false;
}
