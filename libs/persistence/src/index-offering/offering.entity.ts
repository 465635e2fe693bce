import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Hex } from '@openimo/domain';
import { hexText, instant, integer, label, nullable, uint256, uint64 } from '../database/columns.js';

/** `selling` until somebody settles; the clock tells scheduled, open and closed apart. */
export type OfferingStatus = 'selling' | 'settled' | 'refunding';
export type Oversubscription = 'proRata' | 'smallestFirst';

/** The sale of a model's token. Amounts in units of `currency` (ETH: the zero address) unless they say tokens. */
@Entity({ name: 'offerings' })
export class OfferingEntity {
  @PrimaryColumn(hexText('address'))
  address: Address;

  @Column(uint256('family_id'))
  familyId: bigint;

  @Column(hexText('token'))
  token: Address;

  @Column(hexText('escrow'))
  escrow: Address;

  @Column(hexText('publisher'))
  publisher: Address;

  @Column(hexText('currency'))
  currency: Address;

  @Column(uint256('soft_cap'))
  softCap: bigint;

  @Column(uint256('hard_cap'))
  hardCap: bigint;

  /** Tokens for sale; the price is `hardCap` for all of them. */
  @Column(uint256('offered'))
  offered: bigint;

  /** Most one wallet may commit; zero: no limit. */
  @Column(uint256('wallet_cap'))
  walletCap: bigint;

  @Column(nullable(hexText('allow_list_root')))
  allowListRoot: Hex | null;

  @Column(label('oversubscription'))
  oversubscription: Oversubscription;

  @Column(hexText('funds_recipient'))
  fundsRecipient: Address;

  @Column(instant('opens_at'))
  opensAt: Date;

  @Column(instant('closes_at'))
  closesAt: Date;

  @Column(label('status'))
  status: OfferingStatus;

  /** Sum of all commitments now. */
  @Column(uint256('committed'))
  committed: bigint;

  /** Accounts with a commitment now. */
  @Column(integer('buyer_count'))
  buyerCount: number;

  @Column(uint256('raised'))
  raised: bigint;

  @Column(uint256('tokens_sold'))
  tokensSold: bigint;

  /** Unsold tokens, and rounding. */
  @Column(uint256('tokens_burned'))
  tokensBurned: bigint;

  /** What caps every commitment of a smallest-first sale over its cap; zero otherwise. */
  @Column(uint256('level'))
  level: bigint;

  @Column(nullable(instant('settled_at')))
  settledAt: Date | null;

  @Column(uint256('tokens_claimed'))
  tokensClaimed: bigint;

  @Column(uint256('refunded'))
  refunded: bigint;

  /** Paid to the funds recipient. */
  @Column(uint256('released'))
  released: bigint;

  /** Neither released nor given back to exits. */
  @Column(uint256('unreleased'))
  unreleased: bigint;

  @Column(uint256('tokens_exited'))
  tokensExited: bigint;

  @Column(uint256('exits_paid'))
  exitsPaid: bigint;

  @Column(uint64('created_block'))
  createdBlock: bigint;

  @Column(instant('created_at'))
  createdAt: Date;
}
