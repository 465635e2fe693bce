import type { Address, Hex } from '@openimo/domain';

/**
 * - `prepared` signed and stored, not accepted by any node yet
 * - `broadcast` accepted, not mined
 * - `mined` in a block that may still be reorganised away
 * - `confirmed` did what it should, `failed` was mined and reverted, `cancelled` gave its nonce to an empty transaction: settled
 */
export type TransactionStatus = 'prepared' | 'broadcast' | 'mined' | 'confirmed' | 'failed' | 'cancelled';

/** Why a transaction has not gone through (yet); plain JSON. */
export interface TransactionFailure {
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One nonce of one account. */
export interface TransactionRecord {
  readonly chainId: number;
  readonly account: Address;
  readonly nonce: number;
  /** The caller's idempotency key. */
  readonly key: string;
  /** Null creates a contract. */
  readonly to: Address | null;
  readonly data: Hex;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** The newest signed version. */
  readonly rawTransaction: Hex;
  /** Of every version signed for this nonce, oldest first. */
  readonly hashes: Hex[];
  /** Those among them that send nothing to ourselves, to free the nonce. */
  readonly cancelHashes: Hex[];
  readonly status: TransactionStatus;
  /** Of the version that was mined. */
  readonly minedHash: Hex | null;
  readonly blockNumber: bigint | null;
  readonly blockHash: Hex | null;
  readonly receiptStatus: 'success' | 'reverted' | null;
  readonly gasUsed: bigint | null;
  readonly error: TransactionFailure | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When the newest version was first accepted. */
  readonly broadcastAt: Date | null;
}

export type NewTransactionRecord = Omit<TransactionRecord, 'createdAt' | 'updatedAt'>;
export type TransactionRecordPatch = Partial<Omit<NewTransactionRecord, 'chainId' | 'account' | 'key'>>;

/**
 * Where the manager of one account keeps its rows; `TransactionRepository` of @openimo/persistence is one. Writes name the
 * generation of the lease and fail with `AccountLeaseLost` when another process has taken the account since.
 */
export interface TransactionStore {
  readonly chainId: number;
  readonly account: Address;
  /** The genesis hash stored for this chain; stores `genesisHash` when there is none yet. */
  rememberGenesis(genesisHash: Hex): Promise<Hex>;
  acquireLease(
    holder: string,
    ttlMs: number,
  ): Promise<{ readonly generation: number } | { readonly heldBy: string; readonly leftMs: number }>;
  /** @returns false when the lease is somebody else's. */
  renewLease(generation: number, ttlMs: number): Promise<boolean>;
  releaseLease(generation: number): Promise<void>;
  findByKey(key: string): Promise<TransactionRecord | undefined>;
  lastNonce(): Promise<number | undefined>;
  /** Unsettled rows, and settled ones with a nonce of `chainNonce` or more, by nonce. */
  open(chainNonce: number): Promise<TransactionRecord[]>;
  insert(record: NewTransactionRecord, generation: number): Promise<'inserted' | 'keyTaken' | 'nonceTaken'>;
  update(nonce: number, patch: TransactionRecordPatch, generation: number): Promise<void>;
}
