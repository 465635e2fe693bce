import { Brackets, type DataSource, type EntityManager } from 'typeorm';
import { DomainError, type Address, type Hex } from '@openimo/domain';
import { rememberGenesis } from '../chain/chain-cursor.repository.js';
import { toRow } from '../database/columns.js';
import { classified, databaseCode, UNIQUE_VIOLATION } from '../database/database-error.js';
import { TransactionEntity, type TransactionStatus } from './transaction.entity.js';

export type TransactionRow = Omit<TransactionEntity, never>;
export type TransactionPatch = Partial<Omit<TransactionRow, 'chainId' | 'account' | 'key' | 'createdAt' | 'updatedAt'>>;
export type NewTransaction = Omit<TransactionRow, 'createdAt' | 'updatedAt'>;
export type TransactionRepositoryErrorCode = 'AccountLeaseLost';

const UNSETTLED: readonly TransactionStatus[] = ['prepared', 'broadcast', 'mined'];

/** The rows behind the transaction manager of one account. Every write is fenced by the generation of its lease. */
export class TransactionRepository {
  constructor(
    private readonly dataSource: DataSource,
    readonly chainId: number,
    readonly account: Address,
  ) {}

  rememberGenesis(genesisHash: Hex): Promise<Hex> {
    return rememberGenesis(this.dataSource, this.chainId, genesisHash);
  }

  /** Takes the account when nobody holds it, by the clock of the database. @returns the generation, or who holds it. */
  acquireLease(holder: string, ttlMs: number): Promise<{ generation: number } | { heldBy: string; leftMs: number }> {
    return classified(async () => {
      const taken: { generation: string }[] = await this.dataSource.query(
        `insert into signing_accounts (chain_id, account, generation, holder, lease_until)
         values ($1, $2, 1, $3, clock_timestamp() + $4 * interval '1 millisecond')
         on conflict (chain_id, account) do update
           set generation = signing_accounts.generation + 1, holder = excluded.holder, lease_until = excluded.lease_until
           where signing_accounts.lease_until <= clock_timestamp()
         returning generation`,
        [this.chainId, this.account.toLowerCase(), holder, ttlMs],
      );
      if (taken[0] !== undefined) return { generation: Number(taken[0].generation) };
      const held: { holder: string; left_ms: string }[] = await this.dataSource.query(
        `select holder, greatest(0, extract(epoch from lease_until - clock_timestamp()) * 1000) as left_ms
         from signing_accounts where chain_id = $1 and account = $2`,
        [this.chainId, this.account.toLowerCase()],
      );
      return { heldBy: held[0]?.holder ?? '', leftMs: Number(held[0]?.left_ms ?? 0) };
    });
  }

  /** @returns false when somebody else has taken the account since. */
  renewLease(generation: number, ttlMs: number): Promise<boolean> {
    return classified(async () => {
      const rows = await this.dataSource.query<unknown[]>(
        `with renewed as (
           update signing_accounts set lease_until = clock_timestamp() + $4 * interval '1 millisecond'
           where chain_id = $1 and account = $2 and generation = $3 returning 1)
         select * from renewed`,
        [this.chainId, this.account.toLowerCase(), generation, ttlMs],
      );
      return rows.length > 0;
    });
  }

  releaseLease(generation: number): Promise<void> {
    return classified(async () => {
      await this.dataSource.query(
        `update signing_accounts set lease_until = clock_timestamp()
         where chain_id = $1 and account = $2 and generation = $3`,
        [this.chainId, this.account.toLowerCase(), generation],
      );
    });
  }

  findByKey(key: string): Promise<TransactionRow | undefined> {
    return classified(async () => {
      const where = { chainId: this.chainId, account: this.account, key };
      return (await this.dataSource.manager.findOneBy(TransactionEntity, where)) ?? undefined;
    });
  }

  /** The highest nonce any row of the account has. */
  lastNonce(): Promise<number | undefined> {
    return classified(async () => {
      const [row] = await this.dataSource.manager.find(TransactionEntity, {
        where: { chainId: this.chainId, account: this.account },
        order: { nonce: 'DESC' },
        take: 1,
      });
      return row?.nonce;
    });
  }

  /** Rows not settled yet, and settled ones the chain no longer knows of (nonce at or above its count), by nonce. */
  open(chainNonce: number): Promise<TransactionRow[]> {
    return classified(() =>
      this.dataSource.manager
        .createQueryBuilder(TransactionEntity, 't')
        .where('t.chain_id = :chainId and t.account = :account', {
          chainId: this.chainId,
          account: this.account.toLowerCase(),
        })
        .andWhere(
          new Brackets((either) =>
            either
              .where('t.status in (:...unsettled)', { unsettled: UNSETTLED })
              .orWhere('t.nonce >= :chainNonce', { chainNonce }),
          ),
        )
        .orderBy('t.nonce')
        .getMany(),
    );
  }

  /**
   * @returns what was in the way, if anything: a row of the same key, or of the same nonce.
   * @throws DomainError `AccountLeaseLost`
   */
  insert(transaction: NewTransaction, generation: number): Promise<'inserted' | 'keyTaken' | 'nonceTaken'> {
    return classified(async () => {
      try {
        await this.dataSource.transaction(async (manager) => {
          await this.#fence(manager, generation);
          const now = new Date();
          await manager.insert(
            TransactionEntity,
            toRow<TransactionEntity>({ ...transaction, createdAt: now, updatedAt: now }),
          );
        });
        return 'inserted';
      } catch (error) {
        if (databaseCode(error) !== UNIQUE_VIOLATION) throw error;
        return (await this.findByKey(transaction.key)) === undefined ? 'nonceTaken' : 'keyTaken';
      }
    });
  }

  /** @throws DomainError `AccountLeaseLost` */
  update(nonce: number, patch: TransactionPatch, generation: number): Promise<void> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        await this.#fence(manager, generation);
        const where = { chainId: this.chainId, account: this.account, nonce };
        await manager.update(TransactionEntity, where, toRow<TransactionEntity>({ ...patch, updatedAt: new Date() }));
      }),
    );
  }

  async #fence(manager: EntityManager, generation: number): Promise<void> {
    const rows = await manager.query<unknown[]>(
      'select 1 from signing_accounts where chain_id = $1 and account = $2 and generation = $3 for update',
      [this.chainId, this.account.toLowerCase(), generation],
    );
    if (rows.length > 0) return;
    throw new DomainError<TransactionRepositoryErrorCode>(
      'AccountLeaseLost',
      `Another process signs for ${this.account} now; this one must stop doing so.`,
      { data: { account: this.account, generation } },
    );
  }
}
