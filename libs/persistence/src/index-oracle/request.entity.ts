import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { flag, hexText, instant, integer, label, nullable, uint256, uint64 } from '../database/columns.js';

/** `open` again after a conviction. */
export type RequestStatus = 'open' | 'asserted' | 'final' | 'refunded';
export const CALLBACK_MODES = ['final', 'optimistic'] as const;
export type CallbackMode = (typeof CALLBACK_MODES)[number];
export const TIERS = ['unverified', 'disputable', 'proven', 'bonded'] as const;
export type Tier = (typeof TIERS)[number];

/** An on-chain inference job. Fees in units of `asset`, everything else in wei. */
@Entity({ name: 'requests' })
export class RequestEntity {
  @PrimaryColumn(uint256('request_id'))
  requestId: bigint;

  @Column(uint256('version_id'))
  versionId: bigint;

  @Column(uint256('family_id'))
  familyId: bigint;

  @Column(hexText('account'))
  account: Address;

  @Column(integer('batch_size'))
  batchSize: number;

  @Column(hexText('asset'))
  asset: Address;

  @Column(uint256('fee'))
  fee: bigint;

  @Column(uint256('gas_prepaid'))
  gasPrepaid: bigint;

  @Column(uint256('min_bond'))
  minBond: bigint;

  @Column(integer('window_seconds'))
  windowSeconds: number;

  @Column(label('mode'))
  mode: CallbackMode;

  @Column(label('min_tier'))
  minTier: Tier;

  @Column(hexText('refund_to'))
  refundTo: Address;

  /** Null: no callback. */
  @Column(nullable(hexText('callback_contract')))
  callbackContract: Address | null;

  @Column(hexText('input_root'))
  inputRoot: Hex;

  @Column(label('status'))
  status: RequestStatus;

  /** Of the answer that it waits for, or waited for last. */
  @Column(instant('deadline'))
  deadline: Date;

  /** Who gave the answer that stands, with which round; null while none does. */
  @Column(nullable(hexText('operator')))
  operator: Address | null;

  @Column(integer('round'))
  round: number;

  /** When the answer that stands becomes final if nobody disputes it. */
  @Column(nullable(instant('final_at')))
  finalAt: Date | null;

  @Column(flag('delivered'))
  delivered: boolean;

  @Column(flag('callback_failed'))
  callbackFailed: boolean;

  /** At finalization its ERC-20 could not be moved. Whether it has been since, no event tells. */
  @Column(flag('fee_held'))
  feeHeld: boolean;

  @Column(uint256('gas_paid'))
  gasPaid: bigint;

  @Column(uint256('gas_returned'))
  gasReturned: bigint;

  @Column(uint64('opened_block'))
  openedBlock: bigint;

  @Column(hexText('opened_transaction'))
  openedTransaction: Hex;

  @Column(instant('opened_at'))
  openedAt: Date;

  /** When its answer was last convicted. */
  @Column(nullable(instant('reopened_at')))
  reopenedAt: Date | null;

  /** The first answer. */
  @Column(nullable(instant('answered_at')))
  answeredAt: Date | null;

  /** Final or refunded. */
  @Column(nullable(instant('closed_at')))
  closedAt: Date | null;
}
