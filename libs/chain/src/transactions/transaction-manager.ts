import { hostname } from 'node:os';
import { keccak256, type Abi } from 'viem';
import { DomainError, isDomainError, type Address } from '@openimo/domain';
import { classified, toChainError } from '../chain/chain-error.js';
import type { Chain } from '../chain/create-chain.js';
import type { Signer } from '../signer/signer.js';
import { Alarm, Mutex } from '../support/concurrency.js';
import { AccountLease } from './account-lease.js';
import { Courier, isSettled } from './courier.js';
import { quote, type Quote, type TransactionRequest } from './quote.js';
import {
  CANCELLED,
  chainReset,
  keyReused,
  managerStopped,
  timedOut,
  unknownTransaction,
} from './transaction-errors.js';
import type { TransactionEvent } from './transaction-event.js';
import type { NewTransactionRecord, TransactionRecord, TransactionStore } from './transaction-store.js';

export interface TransactionManagerOptions {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly store: TransactionStore;
  /** Where the errors of contracts are looked up. */
  readonly abis?: readonly Abi[];
  /** A transaction that blocks pass over is offered for more after this long, in milliseconds. 30 s; 5 s on a local chain. */
  readonly stuckAfterMs?: number;
  /** The most to offer per gas, in wei. 500 gwei by default. */
  readonly maxFeePerGasCap?: bigint;
  /** How soon another process may take the account once this one is dead, in milliseconds. 3 s by default. */
  readonly leaseTtlMs?: number;
  /** How long `start` waits for another holder to go, in milliseconds. Three times the lease by default. */
  readonly leaseWaitMs?: number;
  /**
   * Asked for each stored transaction that is not mined, or not any more: on a reorganised chain it may mean something else than
   * when it was signed. One that is not wanted is cancelled. All are wanted by default.
   */
  readonly isWanted?: (record: TransactionRecord) => Promise<boolean>;
  readonly onEvent?: (event: TransactionEvent) => void;
}

export interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

interface Waiter {
  readonly resolve: (record: TransactionRecord) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_FEE_PER_GAS_CAP = 500_000_000_000n;
const LEASE_TTL_MS = 3_000;
/** How much longer than usual to wait at most while something is down. */
const MAX_BACKOFF_POLLS = 50;
const MAX_BACKOFF_MS = 5_000;

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
  readonly #courier: Courier;
  readonly #maxFeePerGasCap: bigint;
  /** Taking nonces and carrying rows on happen one at a time. */
  readonly #mutex = new Mutex();
  readonly #alarm = new Alarm();
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #stopping = new AbortController();
  #lease: AccountLease | undefined;
  #loop: Promise<void> | undefined;
  #failure: unknown;

  constructor(options: TransactionManagerOptions) {
    const { chain, signer, store, abis } = options;
    this.#options = options;
    this.#chain = chain;
    this.#store = store;
    this.#maxFeePerGasCap = options.maxFeePerGasCap ?? MAX_FEE_PER_GAS_CAP;
    this.#courier = new Courier({
      ...{ chain, signer, abis },
      maxFeePerGasCap: this.#maxFeePerGasCap,
      stuckAfterMs: options.stuckAfterMs ?? (chain.isLocal ? 5_000 : 30_000),
      update: (nonce, patch) => store.update(nonce, patch, this.#generation),
      nextNonce: () => this.#nextNonce(),
      isWanted: options.isWanted,
      onEvent: (event) => this.#emit(event),
      onSettled: (record) => this.#resolve(record),
      onDue: () => this.#alarm.ring(),
    });
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
    const lease = { store: this.#store, holder: `${hostname()}, process ${process.pid}`, ttlMs, waitMs };
    this.#lease = await AccountLease.take(lease, (error) => this.#fail(error), signal);
    // Rows the chain has lost since are open again before anybody asks for them.
    await this.#mutex.run(() => this.#carryAll()).catch((error: unknown) => this.#trouble(error));
    this.#loop = this.#run();
  }

  /** Lets go of the account. What is not mined yet stays stored, and the next process goes on with it. */
  async stop(): Promise<void> {
    this.#fail(managerStopped());
    await this.#loop;
    await this.#mutex.run(async () => undefined);
    await this.#lease?.release().catch((error: unknown) => this.#trouble(error));
    this.#lease = undefined;
  }

  /**
   * Stores and sends a transaction, once per key however often it is called: a known key returns its row, settled or not.
   *
   * @returns the row: `broadcast` as a rule, `prepared` when the node did not take it yet; it will be sent again
   * @throws DomainError `ContractReverted` when it would revert now (no nonce is taken), `InsufficientFunds` (retryable),
   * `GasOutOfRange`, `IdempotencyKeyReused`, `RpcUnavailable` and `DatabaseUnavailable` (retryable; submitting again is safe)
   */
  async submit(request: TransactionRequest): Promise<TransactionRecord> {
    this.#requireRunning();
    const known = await this.#store.findByKey(request.key);
    if (known !== undefined) return sameRequest(known, request);

    const { abis } = this.#options;
    const options = { chain: this.#chain, account: this.account, abis, maxFeePerGasCap: this.#maxFeePerGasCap };
    const quoted = await quote(request, options);
    return this.#mutex.run(async () => {
      const record = await this.#prepare(request, quoted);
      if (record.status !== 'prepared') return record;
      try {
        return await this.#courier.send(record);
      } catch (error) {
        // Stored is promised; the loop sends it.
        this.#trouble(error);
        return record;
      } finally {
        this.#alarm.ring();
      }
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
        if (waiters.size === 0 && this.#waiters.get(key) === waiters) this.#waiters.delete(key);
      };
    });
    // Rejected before anybody awaits it, when the look below throws.
    settled.catch(() => undefined);
    try {
      const record = await this.#store.findByKey(key);
      if (record === undefined) throw unknownTransaction(key);
      if (isSettled(record)) return record;
      this.#alarm.ring();
      return await settled;
    } finally {
      forget();
    }
  }

  /**
   * Submits and waits.
   *
   * @throws DomainError as `submit` and `wait` do, `ContractReverted` when it was mined and reverted, `TransactionCancelled`,
   * `TransactionRefused` when no node takes it
   */
  async execute(request: TransactionRequest, options?: WaitOptions): Promise<TransactionRecord> {
    const submitted = await this.submit(request);
    const record = isSettled(submitted) ? submitted : await this.wait(request.key, options);
    if (record.status === 'confirmed') return record;
    const { code, message, data } = record.error ?? CANCELLED;
    throw new DomainError(code, message, { data: { ...data, key: record.key, hash: record.minedHash } });
  }

  find(key: string): Promise<TransactionRecord | undefined> {
    return this.#store.findByKey(key);
  }

  /**
   * Says until when a transaction has to be mined: it, and those before it, are offered for more after a tenth of the time that is
   * left, where that is sooner than `stuckAfterMs`. Not stored: whoever asks for a thing after a restart says it again.
   */
  hurry(key: string, by: Date): void {
    this.#courier.hurry(key, by.getTime());
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
      if (record.status === 'prepared' || record.status === 'broadcast') await this.#courier.cancel(record, CANCELLED);
    });
  }

  async #requireSameChain(): Promise<void> {
    await this.#chain.health();
    const genesisHash = await this.#chain.genesisHash();
    if ((await this.#store.rememberGenesis(genesisHash)) !== genesisHash) throw chainReset(this.#chain.id);
  }

  // --------------------------------------------------------------------------------------------------------------
  // Nonces
  // --------------------------------------------------------------------------------------------------------------

  async #prepare(request: TransactionRequest, quoted: Quote): Promise<TransactionRecord> {
    const { key, to, data = '0x', value = 0n } = request;
    for (;;) {
      const known = await this.#store.findByKey(key);
      if (known !== undefined) return sameRequest(known, request);
      const draft = { to, data, value, nonce: await this.#nextNonce(), ...quoted };
      const rawTransaction = await this.#courier.sign(draft);
      const record: NewTransactionRecord = {
        ...{ chainId: this.#chain.id, account: this.account, key, ...draft, rawTransaction },
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
      this.#courier.announce('prepared', record);
      return { ...record, createdAt: new Date(), updatedAt: new Date() };
    }
  }

  /** After our last row; after the chain's count where the account was also used by hand. */
  async #nextNonce(): Promise<number> {
    const [last, used] = await Promise.all([this.#store.lastNonce(), this.#chainNonce()]);
    return Math.max(last === undefined ? 0 : last + 1, used);
  }

  #chainNonce(): Promise<number> {
    return classified(() => this.#chain.client.getTransactionCount({ address: this.account }));
  }

  // --------------------------------------------------------------------------------------------------------------
  // The loop
  // --------------------------------------------------------------------------------------------------------------

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { pollIntervalMs } = this.#chain;
    const mostMs = Math.max(pollIntervalMs, Math.min(MAX_BACKOFF_MS, pollIntervalMs * MAX_BACKOFF_POLLS));
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#mutex.run(() => this.#carryAll());
        failures = 0;
      } catch (error) {
        if (isDomainError(error, 'AccountLeaseLost')) return this.#fail(error);
        failures++;
        this.#trouble(error);
      }
      await this.#alarm.sleep(Math.min(mostMs, pollIntervalMs * 2 ** Math.min(failures, 16)), signal);
    }
  }

  async #carryAll(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    // In this order: a count read before the head is never ahead of it.
    const chainNonce = await this.#chainNonce();
    const records = await this.#store.open(chainNonce);
    this.#courier.expect(records);
    if (records.length === 0) return;
    const head = await this.#chain.client.getBlockNumber();
    for (const record of records) {
      if (signal.aborted || !(await this.#courier.carry(record, chainNonce, head))) return;
    }
  }

  // --------------------------------------------------------------------------------------------------------------
  // Housekeeping
  // --------------------------------------------------------------------------------------------------------------

  get #generation(): number {
    this.#requireRunning();
    return this.#lease!.generation;
  }

  #requireRunning(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#lease === undefined) throw managerStopped();
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#stopping.abort(error);
    for (const waiters of this.#waiters.values()) for (const { reject } of waiters) reject(error);
    this.#emit({ type: 'stopped', error });
  }

  #resolve(record: TransactionRecord): void {
    for (const { resolve } of this.#waiters.get(record.key) ?? []) resolve(record);
  }

  #trouble(error: unknown): void {
    this.#emit({ type: 'trouble', error: toChainError(error) });
  }

  #emit(event: TransactionEvent): void {
    this.#options.onEvent?.(event);
  }
}

function sameRequest(
  record: TransactionRecord,
  { key, to, data = '0x', value = 0n }: TransactionRequest,
): TransactionRecord {
  const isSame =
    (record.to ?? '').toLowerCase() === (to ?? '').toLowerCase() &&
    record.data.toLowerCase() === data.toLowerCase() &&
    record.value === value;
  if (isSame) return record;
  throw keyReused(key, record.nonce);
}
