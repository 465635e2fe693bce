import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, instant, integer } from '../database/columns.js';

/** Who may sign for an account now. Every write of a holder names its generation, so one that lost the lease changes nothing. */
@Entity({ name: 'signing_accounts' })
export class SigningAccountEntity {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  @PrimaryColumn(hexText('account'))
  account: Address;

  /** Counts holders. */
  @Column(integer('generation'))
  generation: number;

  /** For people: host and process. */
  @Column({ name: 'holder', type: 'text' })
  holder: string;

  @Column(instant('lease_until'))
  leaseUntil: Date;
}
