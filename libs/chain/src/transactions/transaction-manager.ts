import { hostname } from 'node:os';
import { InsufficientFundsError, BaseError, keccak256, type Abi, TransactionReceiptNotFoundError } from 'viem';
import { DomainError, isDomainError, type Address, type Hex } from '@openimo/domain';
import { toChainError } from '../chain/chain-error.js';
import type { Chain } from '../chain/create-chain.js';
import { decodeRevert } from '../revert/decode-revert.js';
import type { Signer } from '../signer/signer.js';
import { Alarm, Mutex } from '../support/concurrency.js';
import { AccountLease } from './account-lease.js';
import { broadcastOutcome, type BroadcastOutcome } from './broadcast-outcome.js';
import { marketFees, replacementFees, type Fees } from './fees.js';
import { findByNonce } from './find-by-nonce.js';
import { intrinsicGas } from './intrinsic-gas.js';
import type {
  NewTransactionRecord,
  TransactionFailure,
  TransactionRecord,
  TransactionRecordPatch,
  TransactionStore,
} from './transaction-store.js';

export type TransactionErrorCode =
  | 'AccountInUse'
  | 'AccountLeaseLost'
  | 'ChainReset'
  | 'ContractReverted'
  | 'GasOutOfRange'
  | 'IdempotencyKeyReused'
  | 'InsufficientFunds'
  | 'ManagerStopped'
  | 'TransactionCancelled'
  | 'TransactionTimedOut'
  | 'UnknownTransaction';

export interface TransactionManagerOptions {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly store: TransactionStore;
  /** Where the errors of contracts are looked up. */
  readonly abis?: readonly Abi[];
  /** A transaction is replaced by a dearer one after this long without being mined, in milliseconds. 30 s by default, 5 s locally. */
  readonly stuckAfterMs?: number;
  /** The most to offer per gas, in wei. 500 gwei by default. */
  readonly maxFeePerGasCap?: bigint;
  /** How soon another process may take the account once this one is dead, in milliseconds. */
  readonly leaseTtlMs?: number;
  /** How long `start` waits for another holder to go, in milliseconds. Three times the lease by default. */
  readonly leaseWaitMs?: number;
  readonly onEvent?: (event: TransactionEvent) => void;
}

export interface TransactionRequest {
  /** One per intended effect, e.g. `assert:17:1`. The same key never takes effect twice. */
  readonly key: string;
  /** Null creates a contract. */
  readonly to: Address | null;
  readonly data?: Hex;
  readonly value?: bigint;
  /** Skips the dry run: such a transaction may be mined and revert. */
  readonly gas?: bigint;
}

export interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** For logs and metrics. */
export type TransactionEvent =
  | {
      readonly type:
        | 'prepared'
        | 'broadcast'
        | 'replaced'
        | 'renumbered'
        | 'mined'
        | 'reorged'
        | 'confirmed'
        | 'failed'
        | 'cancelled';
      readonly key: string;
      readonly nonce: number;
      readonly hash: Hex;
    }
  | {
      readonly type: 'refused';
      readonly key: string;
      readonly nonce: number;
      readonly outcome: BroadcastOutcome;
      readonly detail: string;
    }
  | { readonly type: 'trouble'; readonly error: unknown }
  | { readonly type: 'stopped'; readonly error: unknown };

interface Waiter {
  readonly resolve: (record: TransactionRecord) => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULT_FEE_CAP = 500_000_000_000n;
const LEASE_TTL_MS = 3_000;
/** Room for state that changes between the dry run and the block. */
const GAS_MARGIN_PERCENT = 25n;
const MOST_GAS = 30_000_000n;
const PLAIN_TRANSFER_GAS = 21_000n;
const RESEND_AFTER_MS = 5_000;
const MAX_BACKOFF_MS = 5_000;
const SETTLED = new Set<TransactionRecord['status']>(['confirmed', 'failed', 'cancelled']);

/**
 * Sends the transactions of one account, each exactly once, whatever happens to the process, the node or the chain meanwhile.
 *
 * A transaction is tried out, then signed and stored under the next nonce, then sent. From there on a loop sees it through: sends
 * it again where the node lost it, offers more where it is stuck, takes it back up where a reorganisation dropped it. Rows are
 * never skipped, so nonces have no gaps. All versions of a row share its nonce, so at most one of them takes effect.
 */
export class TransactionManager {
  readonly #options: TransactionManagerOptions;
  readonly #chain: Chain;
  readonly #store: TransactionStore;
  readonly #mutex = new Mutex();
  readonly #alarm = new Alarm();
  readonly #waiters = new Map<string, Set<Waiter>>();
  /** Per nonce: when and at which head the newest version was sent by this process. */
  readonly #sent = new Map<number, { readonly atMs: number; readonly head: bigint }>();
  /** Per nonce: since when the chain is shorter than the block it was mined in. */
  readonly #missing = new Map<number, number>();
  readonly #stopping = new AbortController();
  #lease: AccountLease | undefined;
  #loop: Promise<void> | undefined;
  #failure: unknown;

  constructor(options: TransactionManagerOptions) {
    this.#options = options;
    this.#chain = options.chain;
    this.#store = options.store;
  }

  get account(): Address {
    return this.#options.signer.address;
  }

  /**
   * Takes the account and goes on with what an earlier process left.
   *
   * @throws DomainError `AccountInUse`, `ChainReset`, and retryable ones while database or chain are down.
   */
  async start(signal?: AbortSignal): Promise<void> {
    const { leaseTtlMs: ttlMs = LEASE_TTL_MS, leaseWaitMs: waitMs = 3 * ttlMs } = this.#options;
    await this.#requireSameChain();
    const holder = `${hostname()}, process ${process.pid}`;
    const options = { store: this.#store, holder, ttlMs, waitMs };
    this.#lease = await AccountLease.take(options, (error) => this.#fail(error), signal);
    // Rows the chain has lost since are open again before anybody asks for them.
    await this.#mutex.run(() => this.#tick()).catch((error: unknown) => this.#trouble(error));
    this.#loop = this.#run();
  }

  /** Lets go of the account. What is not mined yet stays stored, and the next process goes on with it. */
  async stop(): Promise<void> {
    this.#fail(new DomainError<TransactionErrorCode>('ManagerStopped', 'The transaction manager was stopped.'));
    await this.#loop;
    await this.#mutex.run(async () => undefined);
    await this.#lease?.release().catch((error: unknown) => this.#emit({ type: 'trouble', error }));
    this.#lease = undefined;
  }

  /**
   * Stores and sends a transaction, once per key however often it is called: a known key returns its row, settled or not.
   *
   * @returns the row: `broadcast` as a rule, `prepared` when the node did not take it yet; it will be sent again
   * @throws DomainError `ContractReverted` when it would revert now (no nonce is taken), `InsufficientFunds` (retryable),
   * `IdempotencyKeyReused`, `RpcUnavailable` and `DatabaseUnavailable` (retryable; submitting again is safe)
   */
  async submit(request: TransactionRequest): Promise<TransactionRecord> {
    this.#requireRunning();
    const known = await this.#store.findByKey(request.key);
    if (known !== undefined) return sameRequest(known, request);
    const [gasLimit, fees] = await Promise.all([this.#gasFor(request), this.#fees()]);
    await this.#requireFunds(request, gasLimit, fees);
    return this.#mutex.run(async () => {
      const record = await this.#prepare(request, gasLimit, fees);
      if (record.status !== 'prepared') return record;
      const sent = await this.#send(record).catch((error: unknown) => {
        // Stored is promised; the loop sends it.
        this.#trouble(error);
        return record;
      });
      this.#alarm.ring();
      return sent;
    });
  }

  /**
   * Waits until a submitted transaction is settled: `confirmed`, `failed` or `cancelled`.
   *
   * @throws DomainError `UnknownTransaction`, `TransactionTimedOut`, and what stopped the manager
   */
  async wait(key: string, { signal, timeoutMs }: WaitOptions = {}): Promise<TransactionRecord> {
    this.#requireRunning();
    signal?.throwIfAborted();
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters);
    let forget = (): void => undefined;
    const settled = new Promise<TransactionRecord>((resolve, reject) => {
      const waiter: Waiter = { resolve, reject };
      const abort = (): void => reject(signal!.reason);
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => reject(timedOut(key, timeoutMs)), timeoutMs);
      waiters.add(waiter);
      signal?.addEventListener('abort', abort);
      forget = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        waiters.delete(waiter);
      };
    });
    // Rejected before anybody awaits it, when the look below throws.
    settled.catch(() => undefined);
    try {
      const record = await this.#store.findByKey(key);
      if (record === undefined) throw unknownTransaction(key);
      if (SETTLED.has(record.status)) return record;
      this.#alarm.ring();
      return await settled;
    } finally {
      forget();
    }
  }

  /**
   * Submits and waits.
   *
   * @throws DomainError as `submit` and `wait` do, `ContractReverted` when it was mined and reverted, `TransactionCancelled`
   */
  async execute(request: TransactionRequest, options?: WaitOptions): Promise<TransactionRecord> {
    const submitted = await this.submit(request);
    const record = SETTLED.has(submitted.status) ? submitted : await this.wait(request.key, options);
    if (record.status === 'confirmed') return record;
    const { code, message, data } = record.error ?? {
      code: 'TransactionCancelled',
      message: `Transaction ${record.key} was cancelled.`,
      data: {},
    };
    throw new DomainError(code, message, { data: { ...data, key: record.key, hash: record.minedHash } });
  }

  find(key: string): Promise<TransactionRecord | undefined> {
    return this.#store.findByKey(key);
  }

  /**
   * Offers the nodes an empty transaction in place of one that is not mined yet. Which of the two is mined is theirs to decide:
   * `wait` tells.
   */
  async cancel(key: string): Promise<void> {
    this.#requireRunning();
    await this.#mutex.run(async () => {
      const record = await this.#store.findByKey(key);
      if (record === undefined) throw unknownTransaction(key);
      if (record.status === 'prepared' || record.status === 'broadcast') {
        await this.#replaceWithNothing(record, {
          code: 'TransactionCancelled',
          message: 'It was cancelled.',
          data: {},
        });
      }
    });
    this.#alarm.ring();
  }

  // -----------------------------------------------------------------------------------------------------------------
  // Before the nonce is taken
  // -----------------------------------------------------------------------------------------------------------------

  async #gasFor({ to, data, value, gas }: TransactionRequest): Promise<bigint> {
    if (gas !== undefined) {
      const least = intrinsicGas({ to, data });
      if (gas < least || gas > MOST_GAS) throw gasOutOfRange(gas, least);
      return gas;
    }
    try {
      // Against the pending block: what we sent a moment ago counts.
      const request = { account: this.account, to, data, value, blockTag: 'pending' as const };
      const estimate = await this.#chain.client.estimateGas(request);
      const withMargin = estimate === PLAIN_TRANSFER_GAS ? estimate : (estimate * (100n + GAS_MARGIN_PERCENT)) / 100n;
      return withMargin < MOST_GAS ? withMargin : MOST_GAS;
    } catch (error) {
      if (error instanceof BaseError && error.walk((at) => at instanceof InsufficientFundsError) !== null) {
        throw insufficientFunds(this.account);
      }
      throw decodeRevert(error, this.#options.abis) ?? toChainError(error);
    }
  }

  async #requireFunds({ value = 0n }: TransactionRequest, gasLimit: bigint, fees: Fees): Promise<void> {
    try {
      const balance = await this.#chain.client.getBalance({ address: this.account });
      const needed = value + gasLimit * fees.maxFeePerGas;
      if (balance < needed) throw insufficientFunds(this.account, balance, needed);
    } catch (error) {
      throw toChainError(error);
    }
  }

  async #fees(): Promise<Fees> {
    try {
      const { client } = this.#chain;
      const [block, priority] = await Promise.all([client.getBlock(), client.estimateMaxPriorityFeePerGas()]);
      return marketFees(block.baseFeePerGas ?? 0n, priority, this.#feeCap);
    } catch (error) {
      throw toChainError(error);
    }
  }

  get #feeCap(): bigint {
    return this.#options.maxFeePerGasCap ?? DEFAULT_FEE_CAP;
  }

  async #requireSameChain(): Promise<void> {
    const { chainId } = await this.#chain.health();
    const genesisHash = await this.#chain.genesisHash();
    const remembered = await this.#store.rememberGenesis(genesisHash);
    if (remembered === genesisHash) return;
    throw new DomainError<TransactionErrorCode>(
      'ChainReset',
      `Chain ${chainId} was started anew: the database belongs to another chain of the same id. Reset the database too.`,
      { data: { chainId, remembered, genesisHash } },
    );
  }

  // -----------------------------------------------------------------------------------------------------------------
  // Taking the nonce
  // -----------------------------------------------------------------------------------------------------------------

  async #prepare(request: TransactionRequest, gasLimit: bigint, fees: Fees): Promise<TransactionRecord> {
    for (;;) {
      this.#requireRunning();
      const known = await this.#store.findByKey(request.key);
      if (known !== undefined) return sameRequest(known, request);
      const draft = {
        chainId: this.#chain.id,
        account: this.account,
        nonce: await this.#nextNonce(),
        key: request.key,
        to: request.to,
        data: request.data ?? '0x',
        value: request.value ?? 0n,
        gasLimit,
        ...fees,
      } as const;
      const rawTransaction = await this.#sign(draft);
      const record: NewTransactionRecord = {
        ...draft,
        rawTransaction,
        hashes: [keccak256(rawTransaction)],
        cancelHashes: [],
        status: 'prepared',
        minedHash: null,
        blockNumber: null,
        blockHash: null,
        receiptStatus: null,
        gasUsed: null,
        error: null,
        broadcastAt: null,
      };
      if ((await this.#store.insert(record, this.#generation)) !== 'inserted') continue;
      this.#announce('prepared', record);
      return { ...record, createdAt: new Date(), updatedAt: new Date() };
    }
  }

  /** After our last row; after the chain's count where the account was also used by hand. */
  async #nextNonce(): Promise<number> {
    const [last, used] = await Promise.all([this.#store.lastNonce(), this.#chainNonce()]);
    return Math.max(last === undefined ? 0 : last + 1, used);
  }

  async #chainNonce(): Promise<number> {
    try {
      return await this.#chain.client.getTransactionCount({ address: this.account });
    } catch (error) {
      throw toChainError(error);
    }
  }

  #sign(
    draft: Pick<
      TransactionRecord,
      'nonce' | 'to' | 'data' | 'value' | 'gasLimit' | 'maxFeePerGas' | 'maxPriorityFeePerGas'
    >,
  ): Promise<Hex> {
    return this.#options.signer.signTransaction({
      type: 'eip1559',
      chainId: this.#chain.id,
      nonce: draft.nonce,
      to: draft.to,
      data: draft.data,
      value: draft.value,
      gas: draft.gasLimit,
      maxFeePerGas: draft.maxFeePerGas,
      maxPriorityFeePerGas: draft.maxPriorityFeePerGas,
    });
  }

  // -----------------------------------------------------------------------------------------------------------------
  // Seeing it through
  // -----------------------------------------------------------------------------------------------------------------

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#mutex.run(() => this.#tick());
        failures = 0;
      } catch (error) {
        if (isDomainError(error, 'AccountLeaseLost')) return this.#fail(error);
        failures++;
        this.#trouble(error);
      }
      const { pollIntervalMs } = this.#chain;
      await this.#alarm.sleep(
        Math.min(pollIntervalMs * 2 ** Math.min(failures, 16), Math.max(MAX_BACKOFF_MS, pollIntervalMs)),
        signal,
      );
    }
  }

  async #tick(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    // In this order: a count read before the head is never ahead of it.
    const chainNonce = await this.#chainNonce();
    const records = await this.#store.open(chainNonce);
    if (records.length === 0) return;
    const head = await this.#chain.client.getBlockNumber();
    for (const record of records) {
      if (this.#stopping.signal.aborted) return;
      if (record.nonce < chainNonce) await this.#settle(record, head);
      else if (!(await this.#push(record, record.nonce === chainNonce, head))) return;
    }
  }

  /** The nonce is used: by which version, and how deep? */
  async #settle(record: TransactionRecord, head: bigint): Promise<void> {
    const receipt = await this.#receiptOf(record);
    if (receipt === undefined) return this.#settleWithoutReceipt(record, head);

    const { transactionHash: minedHash, blockNumber, blockHash, status: receiptStatus, gasUsed } = receipt;
    const deep = head - blockNumber + 1n >= BigInt(this.#chain.confirmations);
    const status = !deep
      ? 'mined'
      : record.cancelHashes.includes(minedHash)
        ? 'cancelled'
        : receiptStatus === 'success'
          ? 'confirmed'
          : 'failed';
    if (record.status === status && record.blockHash === blockHash) return;

    const patch: TransactionRecordPatch = { status, minedHash, blockNumber, blockHash, receiptStatus, gasUsed };
    const error =
      status === 'failed' ? await this.#whyReverted(record, blockNumber) : status === 'cancelled' ? record.error : null;
    const settled = await this.#update(record, { ...patch, error });
    this.#sent.delete(record.nonce);
    this.#announce(status, settled);
    if (SETTLED.has(status)) this.#resolve(settled);
  }

  async #receiptOf(record: TransactionRecord) {
    for (const hash of record.hashes.toReversed()) {
      try {
        return await this.#chain.client.getTransactionReceipt({ hash });
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
    const use = await findByNonce(this.#chain, this.account, record.nonce, head);
    if (use === undefined || record.hashes.includes(use.hash)) return;
    if (head - use.blockNumber + 1n < BigInt(this.#chain.confirmations)) return;
    if (record.cancelHashes.length > 0) {
      const cancelled = await this.#update(record, {
        status: 'cancelled',
        minedHash: use.hash,
        blockNumber: use.blockNumber,
      });
      this.#announce('cancelled', cancelled);
      return this.#resolve(cancelled);
    }
    const renumbered = { ...record, nonce: await this.#nextNonce(), ...(await this.#fees()) };
    const rawTransaction = await this.#sign(renumbered);
    const { nonce, maxFeePerGas, maxPriorityFeePerGas } = renumbered;
    const moved = await this.#update(record, {
      nonce,
      maxFeePerGas,
      maxPriorityFeePerGas,
      rawTransaction,
      hashes: [keccak256(rawTransaction)],
      status: 'prepared',
      ...UNMINED,
    });
    this.#announce('renumbered', moved);
    await this.#send(moved);
  }

  /** The nonce is free. @returns whether to go on with the rows that come after. */
  async #push(record: TransactionRecord, isNext: boolean, head: bigint): Promise<boolean> {
    if (record.status !== 'prepared' && record.status !== 'broadcast') {
      if (!(await this.#isDropped(record, head))) return true;
      const dropped = await this.#update(record, { status: 'broadcast', error: null, ...UNMINED });
      this.#announce('reorged', dropped);
      return isUnderway(await this.#send(dropped));
    }
    const sent = this.#sent.get(record.nonce);
    if (record.status === 'prepared' || sent === undefined) return isUnderway(await this.#send(record));

    const waitedMs = performance.now() - sent.atMs;
    if (isNext && waitedMs > this.#stuckAfterMs && head > sent.head) {
      // Blocks came and none took it.
      await this.#replace(record, { dearer: true });
    } else if (waitedMs > RESEND_AFTER_MS && !(await this.#isKnown(record))) {
      await this.#send(record);
    }
    return true;
  }

  /**
   * The chain counts fewer transactions than we know to be mined. A reorganisation, or a local chain that lost its last second, or
   * an RPC behind whose address one node lags: only the last passes by itself.
   */
  async #isDropped(record: TransactionRecord, head: bigint): Promise<boolean> {
    if (record.blockNumber === null) return true;
    if (head >= record.blockNumber) {
      const { hash } = await this.#chain.client.getBlock({ blockNumber: record.blockNumber });
      if (hash === record.blockHash) return false;
    } else if (!this.#chain.isLocal) {
      const since = this.#missing.get(record.nonce) ?? performance.now();
      this.#missing.set(record.nonce, since);
      if (performance.now() - since < this.#stuckAfterMs) return false;
    }
    this.#missing.delete(record.nonce);
    return true;
  }

  get #stuckAfterMs(): number {
    return this.#options.stuckAfterMs ?? (this.#chain.isLocal ? 5_000 : 30_000);
  }

  async #isKnown(record: TransactionRecord): Promise<boolean> {
    try {
      await this.#chain.client.getTransaction({ hash: record.hashes.at(-1)! });
      return true;
    } catch (error) {
      if (isDomainError(toChainError(error))) throw error;
      return false;
    }
  }

  /** Sends the newest version. Sending twice does no harm: it is the same transaction. */
  async #send(record: TransactionRecord): Promise<TransactionRecord> {
    const head = await this.#chain.client.getBlockNumber();
    const { outcome, detail } = await this.#offer(record.rawTransaction);
    if (outcome !== 'accepted') {
      this.#emit({ type: 'refused', key: record.key, nonce: record.nonce, outcome, detail });
    }
    switch (outcome) {
      case 'accepted': {
        this.#sent.set(record.nonce, { atMs: performance.now(), head });
        if (record.status === 'broadcast' && record.error === null && record.broadcastAt !== null) return record;
        const error = record.cancelHashes.length > 0 ? record.error : null;
        const sent = await this.#update(record, { status: 'broadcast', broadcastAt: new Date(), error });
        this.#announce('broadcast', sent);
        return sent;
      }
      case 'nonceTooLow':
        // The next look at the chain says whether it was ours.
        this.#alarm.ring();
        return record;
      case 'underpriced':
        // The node holds another version of this nonce: an earlier one of ours, or one sent by hand.
        this.#sent.set(record.nonce, { atMs: performance.now(), head });
        return (await this.#replace(record, { dearer: true })) ?? record;
      case 'feeTooLow':
        return (await this.#replace(record, { dearer: false })) ?? record;
      case 'insufficientFunds':
        return this.#note(record, insufficientFunds(this.account).toJSON() as TransactionFailure);
      case 'invalid':
        return this.#replaceWithNothing(record, {
          code: 'TransactionRefused',
          message: `No node takes this transaction: ${detail}.`,
          data: {},
        });
      case 'unknown':
        return this.#note(record, { code: 'TransactionRefused', message: detail, data: {} });
    }
  }

  async #offer(rawTransaction: Hex): Promise<{ outcome: BroadcastOutcome; detail: string }> {
    try {
      await this.#chain.client.sendRawTransaction({ serializedTransaction: rawTransaction });
      return { outcome: 'accepted', detail: '' };
    } catch (error) {
      const outcome = broadcastOutcome(error);
      const classified = toChainError(error);
      if (outcome === 'unknown' && isDomainError(classified)) throw classified;
      return { outcome, detail: error instanceof BaseError ? (error.details ?? error.shortMessage) : String(error) };
    }
  }

  /** The same transaction with better fees. @returns undefined when the cap leaves no room. */
  async #replace(
    record: TransactionRecord,
    { dearer }: { readonly dearer: boolean },
  ): Promise<TransactionRecord | undefined> {
    const market = await this.#fees();
    const raised = replacementFees(record, market, this.#feeCap);
    const fees = dearer || record.status === 'broadcast' ? raised : raised && higher(market, record);
    if (fees === undefined) {
      const { head } = this.#sent.get(record.nonce) ?? { head: 0n };
      this.#sent.set(record.nonce, { atMs: performance.now(), head });
      await this.#note(record, feeCapReached(this.#feeCap));
      return undefined;
    }
    return this.#storeVersion(record, { ...record, ...fees }, {});
  }

  /** A transfer of nothing to ourselves takes the nonce, so that those behind it can go on. */
  async #replaceWithNothing(record: TransactionRecord, error: TransactionFailure): Promise<TransactionRecord> {
    const market = await this.#fees();
    const fees = replacementFees(record, market, this.#feeCap) ?? market;
    const nothing = { to: this.account, data: '0x', value: 0n, gasLimit: PLAIN_TRANSFER_GAS } as const;
    return this.#storeVersion(record, { ...record, ...fees, ...nothing }, { error, isCancel: true });
  }

  async #storeVersion(
    record: TransactionRecord,
    version: TransactionRecord,
    { error, isCancel = false }: { readonly error?: TransactionFailure; readonly isCancel?: boolean },
  ): Promise<TransactionRecord> {
    const rawTransaction = await this.#sign(version);
    const hash = keccak256(rawTransaction);
    const { maxFeePerGas, maxPriorityFeePerGas } = version;
    const replaced = await this.#update(record, {
      maxFeePerGas,
      maxPriorityFeePerGas,
      rawTransaction,
      hashes: [...record.hashes, hash],
      ...(isCancel && { cancelHashes: [...record.cancelHashes, hash] }),
      ...(error !== undefined && { error }),
    });
    // Not sent yet: the loop does that next.
    this.#sent.delete(record.nonce);
    this.#alarm.ring();
    this.#announce('replaced', replaced);
    return replaced;
  }

  /** Stored before it is asked for again, and only when it changed: the loop comes by often. */
  async #note(record: TransactionRecord, error: TransactionFailure): Promise<TransactionRecord> {
    return record.error?.code === error.code && record.error.message === error.message
      ? record
      : this.#update(record, { error });
  }

  async #whyReverted(record: TransactionRecord, blockNumber: bigint): Promise<TransactionFailure> {
    const { to, data, value, gasLimit: gas } = record;
    try {
      // Before its block: what came earlier within the block is not seen. Good enough for words.
      await this.#chain.client.call({ account: this.account, to, data, value, gas, blockNumber: blockNumber - 1n });
    } catch (error) {
      const revert = decodeRevert(error, this.#options.abis);
      if (revert !== undefined) return revert.toJSON() as TransactionFailure;
    }
    return {
      code: 'ContractReverted',
      message: 'The transaction was mined and reverted; nobody can say why.',
      data: {},
    };
  }

  // -----------------------------------------------------------------------------------------------------------------
  // Housekeeping
  // -----------------------------------------------------------------------------------------------------------------

  async #update(record: TransactionRecord, patch: TransactionRecordPatch): Promise<TransactionRecord> {
    await this.#store.update(record.nonce, patch, this.#generation);
    return { ...record, ...patch };
  }

  get #generation(): number {
    this.#requireRunning();
    return this.#lease!.generation;
  }

  #requireRunning(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#lease === undefined) {
      throw new DomainError<TransactionErrorCode>('ManagerStopped', 'The transaction manager was not started.');
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#stopping.abort(error);
    for (const waiters of this.#waiters.values()) for (const { reject } of waiters) reject(error);
    this.#waiters.clear();
    this.#emit({ type: 'stopped', error });
  }

  #resolve(record: TransactionRecord): void {
    for (const { resolve } of this.#waiters.get(record.key) ?? []) resolve(record);
    this.#waiters.delete(record.key);
  }

  #announce(type: Extract<TransactionEvent, { hash: Hex }>['type'], record: NewTransactionRecord): void {
    const hash = record.minedHash ?? record.hashes.at(-1)!;
    this.#emit({ type, key: record.key, nonce: record.nonce, hash });
  }

  #trouble(error: unknown): void {
    this.#emit({ type: 'trouble', error: toChainError(error) });
  }

  #emit(event: TransactionEvent): void {
    this.#options.onEvent?.(event);
  }
}

const UNMINED = { minedHash: null, blockNumber: null, blockHash: null, receiptStatus: null, gasUsed: null } as const;

function isUnderway({ status }: TransactionRecord): boolean {
  return status === 'broadcast';
}

function higher(a: Fees, b: Fees): Fees {
  return a.maxFeePerGas > b.maxFeePerGas ? a : b;
}

function sameRequest(record: TransactionRecord, request: TransactionRequest): TransactionRecord {
  const { to, data = '0x', value = 0n, key } = request;
  const same =
    (record.to ?? '').toLowerCase() === (to ?? '').toLowerCase() &&
    record.data.toLowerCase() === data.toLowerCase() &&
    record.value === value;
  if (same) return record;
  throw new DomainError<TransactionErrorCode>(
    'IdempotencyKeyReused',
    `The key ${key} belongs to another transaction. One key, one effect.`,
    { data: { key, nonce: record.nonce } },
  );
}

function insufficientFunds(account: Address, balance?: bigint, needed?: bigint): DomainError<TransactionErrorCode> {
  const detail = needed === undefined ? '' : `: it holds ${balance} wei and needs up to ${needed}`;
  return new DomainError('InsufficientFunds', `${account} cannot pay for the transaction${detail}. Send it funds.`, {
    data: { account, ...(needed !== undefined && { balance, needed }) },
    retryable: true,
  });
}

function feeCapReached(cap: bigint): TransactionFailure {
  return {
    code: 'FeeCapReached',
    message: `The chain asks for more than the cap of ${cap} wei per gas. Wait, or raise the cap.`,
    data: { cap: cap.toString() },
  };
}

function gasOutOfRange(gas: bigint, least: bigint): DomainError<TransactionErrorCode> {
  return new DomainError('GasOutOfRange', `Such a transaction takes ${least} to ${MOST_GAS} gas, not ${gas}.`, {
    data: { gas, least, most: MOST_GAS },
  });
}

function unknownTransaction(key: string): DomainError<TransactionErrorCode> {
  return new DomainError('UnknownTransaction', `No transaction was submitted as ${key}.`, { data: { key } });
}

function timedOut(key: string, timeoutMs: number): DomainError<TransactionErrorCode> {
  return new DomainError('TransactionTimedOut', `Transaction ${key} was not settled within ${timeoutMs} ms.`, {
    data: { key, timeoutMs },
    retryable: true,
  });
}
