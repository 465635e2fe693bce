import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, integer, nullable, uint256 } from '../database/columns.js';

/** A parent family or a contributor of a family; exactly one of the two. */
@Entity({ name: 'lineage_parties' })
export class LineagePartyEntity {
  @PrimaryColumn(uint256('family_id'))
  familyId: bigint;

  @PrimaryColumn(integer('position'))
  position: number;

  @Column(nullable(uint256('parent_family_id')))
  parentFamilyId: bigint | null;

  @Column(nullable(hexText('contributor')))
  contributor: Address | null;

  @Column(integer('share_bps'))
  shareBps: number;
}
