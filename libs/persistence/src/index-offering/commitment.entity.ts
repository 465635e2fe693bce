import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { flag, hexText, instant, uint256, uint64 } from '../database/columns.js';

/** What one buyer has in one sale, and has had of it. */
@Entity({ name: 'commitments' })
export class CommitmentEntity {
  @PrimaryColumn(hexText('offering'))
  offering: Address;

  @PrimaryColumn(hexText('buyer'))
  buyer: Address;

  @Column(uint256('committed'))
  committed: bigint;

  @Column(flag('claimed'))
  claimed: boolean;

  @Column(uint256('tokens_claimed'))
  tokensClaimed: bigint;

  @Column(uint256('refunded'))
  refunded: bigint;

  @Column(uint256('tokens_exited'))
  tokensExited: bigint;

  @Column(uint256('exit_paid'))
  exitPaid: bigint;

  @Column(uint64('first_block'))
  firstBlock: bigint;

  @Column(instant('first_at'))
  firstAt: Date;
}
