import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address, Sha256 } from '@openimo/domain';
import { hexText, instant, integer, json, label, nullable, uint256 } from '../database/columns.js';

/** `none`: no file, or one that nobody has looked at. */
export type DraftCheckStatus = 'none' | 'accepted' | 'refused';

/** A family that is to be registered with the version. Shares in basis points; ids and amounts as decimal strings. */
export interface DraftFamilyTerms {
  readonly name: string;
  readonly operatorBps: number;
  readonly publisherBps: number;
  readonly holdersFloorBps: number;
  readonly lineage: readonly { parentFamilyId: string; contributor: Address; shareBps: number }[];
  readonly assets: readonly Address[];
}

/** Per inference, in units of the asset; the zero address is ETH. */
export interface DraftPrice {
  readonly asset: Address;
  readonly amount: string;
}

/** Why a file is not accepted, in words and as a code. */
export interface DraftRefusal {
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A version that its publisher prepares. Nobody else sees it. */
@Entity({ name: 'model_drafts' })
export class DraftEntity {
  @PrimaryColumn(label('draft_id'))
  draftId: string;

  @Column(hexText('account'))
  account: Address;

  @Column(label('name'))
  name: string;

  /** The family it is a version of; null until there is one. */
  @Column(nullable(uint256('family_id')))
  familyId: bigint | null;

  @Column(nullable(json('family_terms')))
  familyTerms: DraftFamilyTerms | null;

  /** SPDX identifier; empty until chosen. */
  @Column(label('licence'))
  licence: string;

  /** The model card, as Markdown. */
  @Column(label('card'))
  card: string;

  /** Where the card can be read once published. */
  @Column(label('card_uri'))
  cardUri: string;

  /** The version writes text, so many bytes at most; null: its input and output are the graph's. */
  @Column(nullable(integer('most_new_bytes')))
  mostNewBytes: number | null;

  @Column(json('prices'))
  prices: DraftPrice[];

  /** Of the file that was uploaded last and completely. */
  @Column(nullable(hexText('file_hash')))
  fileHash: Sha256 | null;

  @Column(nullable(integer('file_size')))
  fileSize: number | null;

  @Column(label('check_status'))
  checkStatus: DraftCheckStatus;

  /** What the check found out about the file, as it reports it. */
  @Column(nullable(json('check_report')))
  checkReport: Record<string, unknown> | null;

  @Column(nullable(json('check_refusal')))
  checkRefusal: DraftRefusal | null;

  @Column(nullable(instant('checked_at')))
  checkedAt: Date | null;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(instant('updated_at'))
  updatedAt: Date;
}
