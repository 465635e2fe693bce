import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { flag, hexText, nullable, uint256, uint64 } from '../database/columns.js';

/** What an account has of a token; the row stays when the balance is gone. */
@Entity({ name: 'holdings' })
export class HoldingEntity {
  @PrimaryColumn(hexText('token'))
  token: Address;

  @PrimaryColumn(hexText('holder'))
  holder: Address;

  @Column(uint256('balance'))
  balance: bigint;

  /** Null where no event ever said: then it shares. */
  @Column(nullable(flag('sharing')))
  sharing: boolean | null;

  @Column(uint64('first_block'))
  firstBlock: bigint;
}
