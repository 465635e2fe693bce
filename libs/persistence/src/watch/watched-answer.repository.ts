import type { DataSource, EntityManager } from 'typeorm';
import type { Address } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { WatchedAnswerEntity, type WatchStatus, type WatchTrouble } from './watched-answer.entity.js';

export type WatchedAnswer = Omit<WatchedAnswerEntity, never>;
export type NewWatchedAnswer = Pick<
  WatchedAnswer,
  'requestId' | 'round' | 'versionId' | 'operator' | 'outputRoot' | 'blockNumber' | 'blockHash' | 'finalAt'
>;

/** What became of an answer that was watched. */
export interface Verdict {
  readonly status: Exclude<WatchStatus, 'waiting'>;
  readonly item?: number | null;
  readonly trouble?: WatchTrouble | null;
}

/** Answers that wait to be judged. */
export interface WatchBacklog {
  readonly waiting: number;
  /** Since when the one has waited that has waited longest. */
  readonly oldestSince: Date | undefined;
  /** When the first window closes. */
  readonly firstFinalAt: Date | undefined;
}

/** The answers that one watcher has an eye on. */
export class WatchedAnswerRepository {
  constructor(
    private readonly dataSource: DataSource,
    readonly chainId: number,
    readonly watcher: Address,
  ) {}

  /** Stores an answer just seen, due at once. Seen again as it was, it keeps its verdict; another in its place has none. */
  add(answer: NewWatchedAnswer, manager: EntityManager = this.dataSource.manager): Promise<void> {
    return classified(async () => {
      const now = new Date();
      const row = toRow<WatchedAnswerEntity>({
        ...answer,
        chainId: this.chainId,
        watcher: this.watcher,
        status: 'waiting',
        item: null,
        trouble: null,
        attempts: 0,
        nextAttemptAt: now,
        createdAt: now,
        updatedAt: now,
      });
      const same = { ...this.#key(answer), blockHash: answer.blockHash };
      if (await manager.existsBy(WatchedAnswerEntity, same)) return;
      await manager.delete(WatchedAnswerEntity, this.#key(answer));
      await manager.insert(WatchedAnswerEntity, row);
    });
  }

  find(requestId: bigint, round: number): Promise<WatchedAnswer | undefined> {
    return classified(
      async () =>
        (await this.dataSource.manager.findOneBy(WatchedAnswerEntity, this.#key({ requestId, round }))) ?? undefined,
    );
  }

  /**
   * Takes up the answer whose window closes first of those that are due, and puts its next attempt `leaseMs` away: should the
   * watcher die, it is taken up again then.
   */
  claimNextDue(leaseMs: number): Promise<WatchedAnswer | undefined> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        const [due]: { request_id: string; round: string }[] = await manager.query(
          `select request_id, round from watched_answers
           where chain_id = $1 and watcher = $2 and status = 'waiting' and next_attempt_at <= clock_timestamp()
           order by final_at, request_id limit 1 for update skip locked`,
          this.#me,
        );
        if (due === undefined) return undefined;
        await manager.query(
          `update watched_answers set attempts = attempts + 1, updated_at = clock_timestamp(),
             next_attempt_at = clock_timestamp() + $5 * interval '1 millisecond'
           where chain_id = $1 and watcher = $2 and request_id = $3 and round = $4`,
          [...this.#me, due.request_id, due.round, leaseMs],
        );
        const key = this.#key({ requestId: BigInt(due.request_id), round: Number(due.round) });
        return manager.findOneByOrFail(WatchedAnswerEntity, key);
      }),
    );
  }

  /** @returns false where the answer is not there any more, or another is in its place */
  settle(answer: WatchedAnswer, { status, item = null, trouble = null }: Verdict): Promise<boolean> {
    return this.#update(answer, { status, item, trouble });
  }

  /** Tries again at `nextAttemptAt`. */
  async postpone(answer: WatchedAnswer, nextAttemptAt: Date, trouble?: WatchTrouble): Promise<void> {
    await this.#update(answer, { nextAttemptAt, ...(trouble !== undefined && { trouble }) });
  }

  /** Due at once, leases of a watcher that died included. */
  makeDue(): Promise<void> {
    return classified(async () => {
      await this.dataSource.query(
        `update watched_answers set next_attempt_at = clock_timestamp()
         where chain_id = $1 and watcher = $2 and status = 'waiting'`,
        this.#me,
      );
    });
  }

  /** Forgets what was seen after `blockNumber`: what is still there is seen again. */
  forgetAfter(blockNumber: bigint, manager: EntityManager = this.dataSource.manager): Promise<void> {
    return classified(async () => {
      await manager.query(`delete from watched_answers where chain_id = $1 and watcher = $2 and block_number > $3`, [
        ...this.#me,
        blockNumber.toString(),
      ]);
    });
  }

  /** How many answers there are in each status; statuses without any are left out. */
  countByStatus(): Promise<Partial<Record<WatchStatus, number>>> {
    return classified(async () => {
      const rows: { status: WatchStatus; count: string }[] = await this.dataSource.query(
        'select status, count(*) from watched_answers where chain_id = $1 and watcher = $2 group by status order by status',
        this.#me,
      );
      return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
    });
  }

  backlog(): Promise<WatchBacklog> {
    return classified(async () => {
      const [row]: { waiting: string; oldest: Date | null; first: Date | null }[] = await this.dataSource.query(
        `select count(*) as waiting, min(created_at) as oldest, min(final_at) as first
         from watched_answers where chain_id = $1 and watcher = $2 and status = 'waiting'`,
        this.#me,
      );
      return {
        waiting: Number(row!.waiting),
        oldestSince: row!.oldest ?? undefined,
        firstFinalAt: row!.first ?? undefined,
      };
    });
  }

  #update(answer: WatchedAnswer, changes: Partial<WatchedAnswerEntity>): Promise<boolean> {
    return classified(async () => {
      const { affected } = await this.dataSource.manager.update(
        WatchedAnswerEntity,
        { ...this.#key(answer), blockHash: answer.blockHash, status: 'waiting' },
        toRow<WatchedAnswerEntity>({ ...changes, updatedAt: new Date() }),
      );
      return affected === 1;
    });
  }

  get #me() {
    return [this.chainId, this.watcher.toLowerCase()] as const;
  }

  #key({ requestId, round }: Pick<WatchedAnswer, 'requestId' | 'round'>) {
    return { chainId: this.chainId, watcher: this.watcher, requestId, round };
  }
}
