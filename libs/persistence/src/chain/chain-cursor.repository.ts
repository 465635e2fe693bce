import type { DataSource, EntityManager } from 'typeorm';
import type { Hex } from '@openimo/domain';
import { classified } from '../database/database-error.js';
import { ChainEntity } from './chain.entity.js';
import { CheckpointEntity } from './checkpoint.entity.js';

/** A block a consumer has processed, everything up to and including it. */
export interface Checkpoint {
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
}

/** Checkpoints kept per consumer: how deep a reorganisation may be before everything is read again. */
const KEPT = 256;

/** How far one consumer has followed one chain. Writes take the manager of the transaction that stores what was read. */
export class ChainCursorRepository {
  constructor(
    private readonly dataSource: DataSource,
    readonly chainId: number,
    readonly consumer: string,
  ) {}

  /** Newest first; empty before the first block. */
  checkpoints(manager: EntityManager = this.dataSource.manager): Promise<Checkpoint[]> {
    return classified(() =>
      manager.find(CheckpointEntity, {
        where: { chainId: this.chainId, consumer: this.consumer },
        order: { blockNumber: 'DESC' },
        take: KEPT,
      }),
    );
  }

  /** Everything up to `checkpoint` is stored. Call in the transaction that stored it. */
  advance(manager: EntityManager, checkpoint: Checkpoint): Promise<void> {
    return classified(async () => {
      await manager.insert(CheckpointEntity, { chainId: this.chainId, consumer: this.consumer, ...checkpoint });
      await manager.query(
        `delete from chain_cursor where chain_id = $1 and consumer = $2 and block_number <= (
           select block_number from chain_cursor where chain_id = $1 and consumer = $2
           order by block_number desc offset ${KEPT} limit 1)`,
        [this.chainId, this.consumer],
      );
    });
  }

  /** Nothing after `ancestor` counts any more; undefined: nothing at all. Call in the transaction that takes the rest back. */
  rewind(manager: EntityManager, ancestor: Checkpoint | undefined): Promise<void> {
    return classified(async () => {
      await manager.query('delete from chain_cursor where chain_id = $1 and consumer = $2 and block_number > $3', [
        this.chainId,
        this.consumer,
        (ancestor?.blockNumber ?? -1n).toString(),
      ]);
    });
  }
}

/** The genesis hash stored for the chain; stores `genesisHash` when there is none yet. */
export function rememberGenesis(dataSource: DataSource, chainId: number, genesisHash: Hex): Promise<Hex> {
  return classified(async () => {
    await dataSource
      .createQueryBuilder()
      .insert()
      .into(ChainEntity)
      .values({ chainId, genesisHash })
      .orIgnore()
      .execute();
    return (await dataSource.manager.findOneByOrFail(ChainEntity, { chainId })).genesisHash;
  });
}
