import type { DataSource } from 'typeorm';
import type { Sha256 } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { ModelProfileEntity } from './model-profile.entity.js';

export type StoredProfile = Pick<ModelProfileEntity, 'modelRoot' | 'goldenHash'>;

/** Roots and golden hashes that were computed from files here. */
export class ModelProfileRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly profileVersion: number,
  ) {}

  find(fileHash: Sha256): Promise<StoredProfile | undefined> {
    const key = { profileVersion: this.profileVersion, fileHash };
    return classified(async () => (await this.dataSource.manager.findOneBy(ModelProfileEntity, key)) ?? undefined);
  }

  keep(fileHash: Sha256, { modelRoot, goldenHash }: StoredProfile): Promise<void> {
    const { profileVersion } = this;
    const row = toRow<ModelProfileEntity>({ profileVersion, fileHash, modelRoot, goldenHash, computedAt: new Date() });
    return classified(async () => {
      await this.dataSource.manager.upsert(ModelProfileEntity, row, ['profileVersion', 'fileHash']);
    });
  }
}
