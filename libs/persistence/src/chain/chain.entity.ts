import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { hexText, integer } from '../database/columns.js';

/** The chain this database was filled from. A chain of the same id with another genesis is another chain. */
@Entity({ name: 'chains' })
export class ChainEntity {
  @PrimaryColumn(integer('chain_id'))
  chainId: number;

  @Column(hexText('genesis_hash'))
  genesisHash: Hex;
}
