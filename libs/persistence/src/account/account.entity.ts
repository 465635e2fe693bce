import { Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText } from '../database/columns.js';

/** Somebody who keeps something here. The row is what quotas of one account queue at. */
@Entity({ name: 'accounts' })
export class AccountEntity {
  @PrimaryColumn(hexText('account'))
  account: Address;
}
