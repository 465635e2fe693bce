import { DomainError, type Address, type Hex } from '@openimo/domain';
import type {
  NewTransactionRecord,
  TransactionRecord,
  TransactionRecordPatch,
  TransactionStore,
} from './transaction-store.js';

const SETTLED = new Set(['confirmed', 'failed', 'cancelled']);

/** Rows that end with the process: for one-off commands, and for tests. */
export class MemoryTransactionStore implements TransactionStore {
  #records: TransactionRecord[] = [];
  #genesisHash: Hex | undefined;
  #lease: { generation: number; holder: string; until: number } = { generation: 0, holder: '', until: 0 };

  constructor(
    readonly chainId: number,
    readonly account: Address,
  ) {}

  async rememberGenesis(genesisHash: Hex): Promise<Hex> {
    return (this.#genesisHash ??= genesisHash);
  }

  async acquireLease(holder: string, ttlMs: number) {
    const leftMs = this.#lease.until - performance.now();
    if (leftMs > 0) return { heldBy: this.#lease.holder, leftMs };
    this.#lease = { generation: this.#lease.generation + 1, holder, until: performance.now() + ttlMs };
    return { generation: this.#lease.generation };
  }

  async renewLease(generation: number, ttlMs: number): Promise<boolean> {
    if (generation !== this.#lease.generation) return false;
    this.#lease.until = performance.now() + ttlMs;
    return true;
  }

  async releaseLease(generation: number): Promise<void> {
    if (generation === this.#lease.generation) this.#lease.until = 0;
  }

  async findByKey(key: string): Promise<TransactionRecord | undefined> {
    return this.#records.find((record) => record.key === key);
  }

  async lastNonce(): Promise<number | undefined> {
    return this.#records.reduce<number | undefined>((last, { nonce }) => Math.max(last ?? 0, nonce), undefined);
  }

  async open(chainNonce: number): Promise<TransactionRecord[]> {
    return this.#records
      .filter(({ status, nonce }) => !SETTLED.has(status) || nonce >= chainNonce)
      .sort((a, b) => a.nonce - b.nonce);
  }

  async insert(record: NewTransactionRecord, generation: number): Promise<'inserted' | 'keyTaken' | 'nonceTaken'> {
    this.#fence(generation);
    if (this.#records.some(({ key }) => key === record.key)) return 'keyTaken';
    if (this.#records.some(({ nonce }) => nonce === record.nonce)) return 'nonceTaken';
    const now = new Date();
    this.#records.push({ ...record, createdAt: now, updatedAt: now });
    return 'inserted';
  }

  async update(nonce: number, patch: TransactionRecordPatch, generation: number): Promise<void> {
    this.#fence(generation);
    this.#records = this.#records.map((record) =>
      record.nonce === nonce ? { ...record, ...patch, updatedAt: new Date() } : record,
    );
  }

  #fence(generation: number): void {
    if (generation === this.#lease.generation) return;
    throw new DomainError('AccountLeaseLost', `Another process signs for ${this.account} now.`, {
      data: { account: this.account, generation },
    });
  }
}
