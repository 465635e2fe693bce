import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer, json, label, nullable, uint256, uint64 } from '../database/columns.js';

export type GrievanceStatus =
  /** To be disputed, or in dispute. */
  | 'filed'
  /** Its operator was convicted, by us or by somebody else; what was due is withdrawn. */
  | 'won'
  | 'lost'
  /** It could not be disputed; `reason` says why. */
  | 'dropped';

/** An item of an answer that one account found wrong. */
@Entity({ name: 'grievances' })
export class GrievanceEntity {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  /** Whose grievance it is: the challenger. */
  @PrimaryColumn(hexText('account'))
  account: Address;

  @PrimaryColumn(uint256('request_id'))
  requestId: bigint;

  /** Convictions of the request's answers before this one. */
  @PrimaryColumn(integer('round'))
  round: number;

  /** Of the batch, or the step of a text. */
  @PrimaryColumn(integer('item'))
  item: number;

  @Column(uint256('version_id'))
  versionId: bigint;

  /** Where the answer was seen: before it, the chain knows nothing of the answer. */
  @Column(uint64('block_number'))
  blockNumber: bigint;

  /** The whole answer with what was asked; bytes in hexadecimal. */
  @Column(json('answer'))
  answer: Readonly<Record<string, unknown>>;

  @Column(label('status'))
  status: GrievanceStatus;

  @Column(nullable(label('reason')))
  reason: string | null;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(instant('updated_at'))
  updatedAt: Date;
}
