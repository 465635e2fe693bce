import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import { IndexStateEntity } from './index-state.entity.js';

/** How far the read model is; `_meta` of GraphQL. */
export class IndexStatusRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Undefined before an indexer has ever run on this database. */
  find(chainId: number): Promise<Omit<IndexStateEntity, never> | undefined> {
    return classified(
      async () => (await this.dataSource.manager.findOneBy(IndexStateEntity, { chainId })) ?? undefined,
    );
  }
}
