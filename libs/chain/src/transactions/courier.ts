import { BaseError, keccak256, TransactionReceiptNotFoundError, type Abi } from 'viem';
import { isDomainError, type Hex } from '@openimo/domain';
import { toChainError } from '../chain/chain-error.js';
import type { Chain } from '../chain/create-chain.js';
import { decodeRevert } from '../revert/decode-revert.js';
import type { Signer } from '../signer/signer.js';
import { broadcastOutcome, type BroadcastOutcome } from './broadcast-outcome.js';
import { replacementFees, type Fees } from './fees.js';
import { findByNonce } from './find-by-nonce.js';
import { currentFees, PLAIN_TRANSFER_GAS } from './quote.js';
import {
  asFailure,
  feeCapReached,
  insufficientFunds,
  NOT_WANTED,
  refusedByNode,
  REVERTED_FOR_UNKNOWN_REASON,
} from './transaction-errors.js';
import type { TransactionEvent, TransactionStep } from './transaction-event.js';
import type {
  NewTransactionRecord,
  TransactionFailure,
  TransactionRecord,
  TransactionRecordPatch,
} from './transaction-store.js';

export interface CourierOptions {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly abis?: readonly Abi[];
  readonly stuckAfterMs: number;
  readonly maxFeePerGasCap: bigint;
  /** Writes under the lease of the account. */
  readonly update: (nonce: number, patch: TransactionRecordPatch) => Promise<void>;
  readonly nextNonce: () => Promise<number>;
  readonly isWanted?: (record: TransactionRecord) => Promise<boolean>;
  readonly onEvent: (event: TransactionEvent) => void;
  readonly onSettled: (record: TransactionRecord) => void;
  /** There is something to do soon. */
  readonly onDue: () => void;
}

type Draft = Pick<TransactionRecord, 'nonce' | 'to' | 'data' | 'value' | 'gasLimit'> & Fees;

/** A node forgets what it was sent, e.g. when it restarts. */
const RESEND_AFTER_MS = 5_000;
/** Of the time until a deadline: how much of it a version may wait to be mined. */
const PART_OF_TIME_LEFT = 10;
/** Sooner than this, nodes and blocks cannot have taken notice. */
const SOONEST_RAISE_MS = 1_000;
const UNMINED = { minedHash: null, blockNumber: null, blockHash: null, receiptStatus: null, gasUsed: null } as const;

export function isSettled({ status }: TransactionRecord): boolean {
  return status === 'confirmed' || status === 'failed' || status === 'cancelled';
}

/** Takes a stored transaction one step further, whatever the node has done with it meanwhile. */
export class Courier {
  /** Per nonce: when and at which head the newest version was sent by this process. */
  readonly #sent = new Map<number, { readonly atMs: number; readonly head: bigint }>();
  /** By key: until when it has to be mined, ms since 1970. */
  readonly #deadlines = new Map<string, number>();
  /** By nonce, of those that are open: the soonest deadline of it and of any behind it. */
  #deadlineOf = new Map<number, number>();
  /** Per nonce: since when the chain is shorter than the block it was mined in. */
  readonly #missingSince = new Map<number, number>();

  constructor(private readonly options: CourierOptions) {}

  hurry(key: string, byMs: number): void {
    this.#deadlines.set(key, byMs);
  }

  /** Those that are open, by nonce: one that is in a hurry hurries all before it. */
  expect(records: readonly TransactionRecord[]): void {
    this.#deadlineOf = new Map();
    let soonest = Infinity;
    for (const { key, nonce } of records.toReversed()) {
      soonest = Math.min(soonest, this.#deadlines.get(key) ?? Infinity);
      this.#deadlineOf.set(nonce, soonest);
    }
    const open = new Set(records.map(({ key }) => key));
    for (const [key, byMs] of this.#deadlines) if (!open.has(key) && byMs < Date.now()) this.#deadlines.delete(key);
  }

  /**
   * @param chainNonce how many transactions of the account the chain has
   * @returns whether those after it can be expected to go on
   */
  async carry(record: TransactionRecord, chainNonce: number, head: bigint): Promise<boolean> {
    if (record.nonce < chainNonce) {
      await this.#settle(record, head);
      return true;
    }
    return this.#push(record, record.nonce === chainNonce, head);
  }

  sign(draft: Draft): Promise<Hex> {
    const { chain, signer } = this.options;
    const { nonce, to, data, value, gasLimit: gas, maxFeePerGas, maxPriorityFeePerGas } = draft;
    const fees = { maxFeePerGas, maxPriorityFeePerGas };
    return signer.signTransaction({ type: 'eip1559', chainId: chain.id, nonce, to, data, value, gas, ...fees });
  }

  // --------------------------------------------------------------------------------------------------------------
  // The nonce is used
  // --------------------------------------------------------------------------------------------------------------

  async #settle(record: TransactionRecord, head: bigint): Promise<void> {
    const receipt = await this.#receiptOf(record);
    if (receipt === undefined) return this.#settleWithoutReceipt(record, head);

    const { transactionHash: minedHash, blockNumber, blockHash, status: receiptStatus, gasUsed } = receipt;
    const status = !this.#isDeep(blockNumber, head)
      ? 'mined'
      : record.cancelHashes.includes(minedHash)
        ? 'cancelled'
        : receiptStatus === 'success'
          ? 'confirmed'
          : 'failed';
    if (record.status === status && record.blockHash === blockHash) return;

    const error = status === 'failed' ? await this.#whyReverted(record, blockNumber) : record.error;
    const settled = await this.#update(record, {
      ...{ status, minedHash, blockNumber, blockHash, receiptStatus, gasUsed },
      error: status === 'confirmed' ? null : error,
    });
    this.#sent.delete(record.nonce);
    this.announce(status, settled);
    if (isSettled(settled)) this.options.onSettled(settled);
  }

  #isDeep(blockNumber: bigint, head: bigint): boolean {
    return head - blockNumber + 1n >= BigInt(this.options.chain.confirmations);
  }

  async #receiptOf(record: TransactionRecord) {
    for (const hash of record.hashes.toReversed()) {
      try {
        return await this.options.chain.client.getTransactionReceipt({ hash });
      } catch (error) {
        if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
      }
    }
    return undefined;
  }

  /**
   * None of our versions has a receipt. Either the node is late with it, or the account was used elsewhere. Only the other
   * transaction itself, as deep as we ask, is proof; then ours never took effect and gets a nonce of its own.
   */
  async #settleWithoutReceipt(record: TransactionRecord, head: bigint): Promise<void> {
    const use = await findByNonce(this.options.chain, record.account, record.nonce, head);
    if (use === undefined || record.hashes.includes(use.hash) || !this.#isDeep(use.blockNumber, head)) return;
    if (record.cancelHashes.length > 0) {
      const { hash: minedHash, blockNumber } = use;
      const cancelled = await this.#update(record, { status: 'cancelled', minedHash, blockNumber });
      this.announce('cancelled', cancelled);
      return this.options.onSettled(cancelled);
    }
    const nonce = await this.options.nextNonce();
    const fees = await this.#currentFees();
    const rawTransaction = await this.sign({ ...record, nonce, ...fees });
    const hashes = [keccak256(rawTransaction)];
    const moved = await this.#update(record, {
      nonce,
      ...fees,
      rawTransaction,
      hashes,
      status: 'prepared',
      ...UNMINED,
    });
    this.announce('renumbered', moved);
    await this.send(moved);
  }

  async #whyReverted(record: TransactionRecord, blockNumber: bigint): Promise<TransactionFailure> {
    const { account, to, data, value, gasLimit: gas } = record;
    try {
      // Before its block: what came earlier within the block is not seen. Good enough for words.
      await this.options.chain.client.call({ account, to, data, value, gas, blockNumber: blockNumber - 1n });
    } catch (error) {
      const revert = decodeRevert(error, this.options.abis);
      if (revert !== undefined) return asFailure(revert);
    }
    return REVERTED_FOR_UNKNOWN_REASON;
  }

  // --------------------------------------------------------------------------------------------------------------
  // The nonce is free
  // --------------------------------------------------------------------------------------------------------------

  async #push(record: TransactionRecord, isNext: boolean, head: bigint): Promise<boolean> {
    if (record.status === 'mined' || isSettled(record)) {
      if (!(await this.#isDropped(record, head))) return true;
      const dropped = await this.#update(record, { status: 'broadcast', error: null, ...UNMINED });
      this.announce('reorged', dropped);
      if (await this.#cancelIfUnwanted(dropped)) return true;
      return isUnderway(await this.send(dropped));
    }
    if (await this.#cancelIfUnwanted(record)) return true;
    const sent = this.#sent.get(record.nonce);
    if (record.status === 'prepared' || sent === undefined) return isUnderway(await this.send(record));

    const waitedMs = performance.now() - sent.atMs;
    const isPassedOver = isNext && waitedMs > this.#patienceMs(record) && head > sent.head;
    if (isPassedOver) await this.#raise(record);
    else if (waitedMs > RESEND_AFTER_MS && !(await this.#isKnown(record))) await this.send(record);
    return true;
  }

  /** How long the newest version may be passed over by blocks. */
  #patienceMs({ nonce }: TransactionRecord): number {
    const leftMs = (this.#deadlineOf.get(nonce) ?? Infinity) - Date.now();
    return Math.min(this.options.stuckAfterMs, Math.max(SOONEST_RAISE_MS, leftMs / PART_OF_TIME_LEFT));
  }

  async #cancelIfUnwanted(record: TransactionRecord): Promise<boolean> {
    const { isWanted } = this.options;
    if (isWanted === undefined || record.cancelHashes.length > 0 || (await isWanted(record))) return false;
    await this.cancel(record, NOT_WANTED);
    return true;
  }

  /**
   * The chain counts fewer transactions than we know to be mined. A reorganisation, or a local chain that lost its last
   * seconds, or an RPC behind whose address one node lags: only the last passes by itself.
   */
  async #isDropped({ nonce, blockNumber, blockHash }: TransactionRecord, head: bigint): Promise<boolean> {
    const { chain, stuckAfterMs } = this.options;
    if (blockNumber === null) return true;
    if (head >= blockNumber) {
      const { hash } = await chain.client.getBlock({ blockNumber });
      if (hash === blockHash) return false;
    } else if (!chain.isLocal) {
      const since = this.#missingSince.get(nonce) ?? performance.now();
      this.#missingSince.set(nonce, since);
      if (performance.now() - since < stuckAfterMs) return false;
    }
    this.#missingSince.delete(nonce);
    return true;
  }

  async #isKnown(record: TransactionRecord): Promise<boolean> {
    try {
      await this.options.chain.client.getTransaction({ hash: record.hashes.at(-1)! });
      return true;
    } catch (error) {
      if (isDomainError(toChainError(error))) throw error;
      return false;
    }
  }

  /** Sends the newest version. Sending twice does no harm: it is the same transaction. */
  async send(record: TransactionRecord): Promise<TransactionRecord> {
    const head = await this.options.chain.client.getBlockNumber();
    const { outcome, detail } = await this.#offer(record.rawTransaction);
    const { key, nonce } = record;
    if (outcome !== 'accepted') this.options.onEvent({ type: 'refused', key, nonce, outcome, detail });
    switch (outcome) {
      case 'accepted':
        this.#sent.set(nonce, { atMs: performance.now(), head });
        return this.#accepted(record);
      case 'nonceTooLow':
        // The next look at the chain says whether it was ours.
        this.options.onDue();
        return record;
      case 'underpriced':
      case 'feeTooLow':
        // Below the market, or below another version of this nonce: an earlier one of ours, or one sent by hand.
        this.#sent.set(nonce, { atMs: performance.now(), head });
        return this.#raise(record);
      case 'insufficientFunds':
        return this.#note(record, asFailure(insufficientFunds(record.account)));
      case 'invalid':
        return this.cancel(record, refusedByNode(detail));
      case 'unknown':
        return this.#note(record, refusedByNode(detail));
    }
  }

  async #accepted(record: TransactionRecord): Promise<TransactionRecord> {
    // Why it is to be cancelled stays with it.
    const error = record.cancelHashes.length > 0 ? record.error : null;
    if (record.status === 'broadcast' && record.error === error && record.broadcastAt !== null) return record;
    const sent = await this.#update(record, { status: 'broadcast', broadcastAt: new Date(), error });
    this.announce('broadcast', sent);
    return sent;
  }

  async #offer(serializedTransaction: Hex): Promise<{ readonly outcome: BroadcastOutcome; readonly detail: string }> {
    try {
      await this.options.chain.client.sendRawTransaction({ serializedTransaction });
      return { outcome: 'accepted', detail: '' };
    } catch (error) {
      const outcome = broadcastOutcome(error);
      const classified = toChainError(error);
      if (outcome === 'unknown' && isDomainError(classified)) throw classified;
      return { outcome, detail: error instanceof BaseError ? (error.details ?? error.shortMessage) : String(error) };
    }
  }

  // --------------------------------------------------------------------------------------------------------------
  // Other versions of the same nonce
  // --------------------------------------------------------------------------------------------------------------

  /** Offers more, as far as the cap allows. */
  async #raise(record: TransactionRecord): Promise<TransactionRecord> {
    const { maxFeePerGasCap } = this.options;
    const fees = replacementFees(record, await this.#currentFees(), maxFeePerGasCap);
    if (fees !== undefined) return this.#storeVersion(record, { ...record, ...fees });
    const { head } = this.#sent.get(record.nonce)!;
    // Looked at again when it is stuck once more, not at every turn.
    this.#sent.set(record.nonce, { atMs: performance.now(), head });
    return this.#note(record, feeCapReached(maxFeePerGasCap));
  }

  /** A transfer of nothing to ourselves takes the nonce, so that those behind it can go on. */
  async cancel(record: TransactionRecord, error: TransactionFailure): Promise<TransactionRecord> {
    const market = await this.#currentFees();
    const fees = replacementFees(record, market, this.options.maxFeePerGasCap) ?? market;
    const nothing = { to: record.account, data: '0x', value: 0n, gasLimit: PLAIN_TRANSFER_GAS } as const;
    return this.#storeVersion(record, { ...record, ...fees, ...nothing }, error);
  }

  /** Stored before it is sent, which the loop does next. Its gas and calldata are those of the row unless it is cancelled. */
  async #storeVersion(record: TransactionRecord, version: Draft, cancelledFor?: TransactionFailure) {
    const rawTransaction = await this.sign(version);
    const hash = keccak256(rawTransaction);
    const { maxFeePerGas, maxPriorityFeePerGas } = version;
    const replaced = await this.#update(record, {
      ...{ maxFeePerGas, maxPriorityFeePerGas, rawTransaction },
      hashes: [...record.hashes, hash],
      ...(cancelledFor !== undefined && { cancelHashes: [...record.cancelHashes, hash], error: cancelledFor }),
    });
    this.#sent.delete(record.nonce);
    this.announce('replaced', replaced);
    this.options.onDue();
    return replaced;
  }

  // --------------------------------------------------------------------------------------------------------------
  // Rows
  // --------------------------------------------------------------------------------------------------------------

  announce(type: TransactionStep['type'], record: NewTransactionRecord): void {
    const { key, nonce } = record;
    this.options.onEvent({ type, key, nonce, hash: record.minedHash ?? record.hashes.at(-1)! });
  }

  /** Only when it changed: the loop comes by often. */
  async #note(record: TransactionRecord, error: TransactionFailure): Promise<TransactionRecord> {
    const isKnown = record.error?.code === error.code && record.error.message === error.message;
    return isKnown ? record : this.#update(record, { error });
  }

  async #update(record: TransactionRecord, patch: TransactionRecordPatch): Promise<TransactionRecord> {
    await this.options.update(record.nonce, patch);
    return { ...record, ...patch };
  }

  #currentFees(): Promise<Fees> {
    return currentFees(this.options.chain, this.options.maxFeePerGasCap);
  }
}

function isUnderway({ status }: TransactionRecord): boolean {
  return status === 'broadcast';
}
