import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, sum, uint256 } from '../database/columns.js';

/** What the router keeps for a family in one asset. */
@Entity({ name: 'family_credits' })
export class FamilyCreditEntity {
  @PrimaryColumn(uint256('family_id'))
  familyId: bigint;

  @PrimaryColumn(hexText('asset'))
  asset: Address;

  /** From its children, waiting for its own waterfall. */
  @Column(sum('lineage_balance'))
  lineageBalance: bigint;

  @Column(sum('lineage_credited'))
  lineageCredited: bigint;

  /** For its holders, waiting to be passed to its token. */
  @Column(sum('holders_pending'))
  holdersPending: bigint;

  @Column(sum('holders_paid'))
  holdersPaid: bigint;
}
