import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexData, hexText, instant, integer, nullable, uint256, uint64 } from '../database/columns.js';

export type TransactionStatus = 'prepared' | 'broadcast' | 'mined' | 'confirmed' | 'failed' | 'cancelled';

/** Why a transaction has not gone through (yet), in words and for programs. */
export interface TransactionFailure {
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One nonce of one account. Written, with the signed bytes, before anything is sent. */
@Entity({ name: 'transactions' })
export class TransactionEntity {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  @PrimaryColumn(hexText('account'))
  account: Address;

  @PrimaryColumn(integer('nonce'))
  nonce: number;

  /** The caller's idempotency key, unique per account. */
  @Column({ name: 'key', type: 'text' })
  key: string;

  /** Null creates a contract. */
  @Column(nullable(hexText('to_address')))
  to: Address | null;

  @Column(hexData('data'))
  data: Hex;

  @Column(uint256('value'))
  value: bigint;

  @Column(uint64('gas_limit'))
  gasLimit: bigint;

  @Column(uint256('max_fee_per_gas'))
  maxFeePerGas: bigint;

  @Column(uint256('max_priority_fee_per_gas'))
  maxPriorityFeePerGas: bigint;

  /** The newest signed version. */
  @Column(hexData('raw_transaction'))
  rawTransaction: Hex;

  /** Of every version signed for this nonce, oldest first: any of them may be the one mined. */
  @Column({ name: 'hashes', type: 'jsonb' })
  hashes: Hex[];

  /** Versions that send nothing to ourselves instead, to free the nonce. */
  @Column({ name: 'cancel_hashes', type: 'jsonb' })
  cancelHashes: Hex[];

  @Column({ name: 'status', type: 'text' })
  status: TransactionStatus;

  /** Of the version that was mined. */
  @Column(nullable(hexText('mined_hash')))
  minedHash: Hex | null;

  @Column(nullable(uint64('block_number')))
  blockNumber: bigint | null;

  @Column(nullable(hexText('block_hash')))
  blockHash: Hex | null;

  @Column({ name: 'receipt_status', type: 'text', nullable: true })
  receiptStatus: 'success' | 'reverted' | null;

  @Column(nullable(uint64('gas_used')))
  gasUsed: bigint | null;

  @Column({ name: 'error', type: 'jsonb', nullable: true })
  error: TransactionFailure | null;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(instant('updated_at'))
  updatedAt: Date;

  /** When the newest version was first sent. */
  @Column(nullable(instant('broadcast_at')))
  broadcastAt: Date | null;
}
