import { Column, Entity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, nullable, uint256 } from '../database/columns.js';
import { EventRow } from '../index-store/event-row.js';

/** A payment that went down a family's waterfall; the five parts sum to `amount`. In units of `asset`. */
@Entity({ name: 'distributions' })
export class DistributionEntity extends EventRow {
  @Column(uint256('family_id'))
  familyId: bigint;

  @Column(hexText('asset'))
  asset: Address;

  /** Null for income without one: royalties, sales. */
  @Column(nullable(hexText('operator')))
  operator: Address | null;

  /** Who paid: the oracle, a meter, or the router for what lineage had credited. */
  @Column(hexText('from_address'))
  from: Address;

  /** Whose money it was: `from`, or who made the request that the oracle paid for. Null where no event tells. */
  @Column(nullable(hexText('payer')))
  payer: Address | null;

  @Column(uint256('amount'))
  amount: bigint;

  @Column(uint256('operator_amount'))
  operatorAmount: bigint;

  @Column(uint256('publisher_amount'))
  publisherAmount: bigint;

  @Column(uint256('lineage_amount'))
  lineageAmount: bigint;

  @Column(uint256('protocol_amount'))
  protocolAmount: bigint;

  @Column(uint256('holders_amount'))
  holdersAmount: bigint;
}
