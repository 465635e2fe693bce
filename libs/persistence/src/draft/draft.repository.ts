import type { DataSource, EntityManager } from 'typeorm';
import type { Address, Sha256 } from '@openimo/domain';
import { lockAccount } from '../account/lock-account.js';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { DraftEntity } from './draft.entity.js';

export type Draft = Omit<DraftEntity, never>;
/** What a publisher writes. */
export type DraftContent = Pick<
  Draft,
  'name' | 'familyId' | 'familyTerms' | 'licence' | 'card' | 'cardUri' | 'mostNewBytes' | 'prices'
>;
/** What a check of the file says. */
export type DraftCheck = Pick<Draft, 'checkStatus' | 'checkReport' | 'checkRefusal'>;

/** What publishers prepare. Every method asks for the owner: what is somebody else's is not there. */
export class DraftRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns false, and stores nothing, when the account has `most` drafts already */
  add(account: Address, draftId: string, content: DraftContent, most: number): Promise<boolean> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        await lockAccount(manager, account);
        if ((await manager.countBy(DraftEntity, { account })) >= most) return false;
        const now = new Date();
        const row = { ...content, draftId, account, checkStatus: 'none', createdAt: now, updatedAt: now } as const;
        await manager.insert(DraftEntity, toRow<DraftEntity>(row));
        return true;
      }),
    );
  }

  find(account: Address, draftId: string): Promise<Draft | undefined> {
    return classified(
      async () => (await this.dataSource.manager.findOneBy(DraftEntity, { account, draftId })) ?? undefined,
    );
  }

  /** The newest first. */
  list(account: Address): Promise<Draft[]> {
    return classified(() =>
      this.dataSource.manager.find(DraftEntity, { where: { account }, order: { createdAt: 'DESC', draftId: 'ASC' } }),
    );
  }

  /** @returns whether the account has such a draft */
  update(account: Address, draftId: string, content: Partial<DraftContent>): Promise<boolean> {
    return this.#change(account, draftId, content);
  }

  /** Another file; what was found out about the one before is forgotten. */
  setFile(account: Address, draftId: string, fileHash: Sha256, fileSize: number, manager?: EntityManager) {
    const unchecked = { checkStatus: 'none', checkReport: null, checkRefusal: null, checkedAt: null } as const;
    return this.#change(account, draftId, { fileHash, fileSize, ...unchecked }, {}, manager);
  }

  /** Stores what a check of `fileHash` said. @returns false when the draft has another file by now */
  setCheck(account: Address, draftId: string, fileHash: Sha256, check: DraftCheck): Promise<boolean> {
    return this.#change(account, draftId, { ...check, checkedAt: new Date() }, { fileHash });
  }

  /** With its uploads. @returns whether there was one */
  remove(account: Address, draftId: string): Promise<boolean> {
    return classified(async () => {
      const { affected } = await this.dataSource.manager.delete(DraftEntity, { account, draftId });
      return affected === 1;
    });
  }

  #change(
    account: Address,
    draftId: string,
    changes: Partial<Draft>,
    where: { fileHash?: Sha256 } = {},
    manager: EntityManager = this.dataSource.manager,
  ): Promise<boolean> {
    return classified(async () => {
      const { affected } = await manager.update(
        DraftEntity,
        { account, draftId, ...where },
        toRow<DraftEntity>({ ...changes, updatedAt: new Date() }),
      );
      return affected === 1;
    });
  }
}
