import { In, type DataSource, type EntityManager } from 'typeorm';
import { DomainError, type Address, type Hex } from '@openimo/domain';
import { toRow } from '../database/columns.js';
import { classified } from '../database/database-error.js';
import { JOB_TRANSITIONS, type JobStatus, UNFINISHED } from './job-status.js';
import { JobEntity } from './job.entity.js';

export type Job = Omit<JobEntity, never>;
export type NewJob = Pick<
  Job,
  | 'requestId'
  | 'versionId'
  | 'account'
  | 'batchSize'
  | 'input'
  | 'callbackContract'
  | 'callbackGasLimit'
  | 'callbackData'
  | 'options'
  | 'blockNumber'
  | 'blockHash'
  | 'deadline'
>;
export type JobPatch = Partial<Pick<Job, 'outputs' | 'error' | 'finalAt' | 'round' | 'nextAttemptAt' | 'deadline'>>;
/** What the jobs of one version come to. */
export interface VersionActivity {
  /** Of the request that was asked last. */
  readonly lastDeadline: Date;
  /** One of its requests is being worked on, or its answer is not final yet. */
  readonly busy: boolean;
}

export type JobRepositoryErrorCode = 'JobMoveRefused' | 'JobMovedMeanwhile';

/** For `postpone`: until somebody wakes it by name. */
export const NEVER = new Date('9999-01-01T00:00:00Z');

/** What another block says otherwise about the same request. */
const SEEN_AGAIN = ['block_number', 'block_hash', 'deadline', 'updated_at'];

/** The requests one operator knows of. */
export class JobRepository {
  constructor(
    private readonly dataSource: DataSource,
    readonly chainId: number,
    readonly operator: Address,
  ) {}

  /**
   * Stores a request just seen, due at once. Seen again, in another block after a reorganisation, it keeps what was done for it:
   * an id is made of what was asked, so it is the same request.
   */
  add(job: NewJob, manager?: EntityManager): Promise<void> {
    if (manager === undefined) return classified(() => this.dataSource.transaction((own) => this.#add(job, own)));
    return classified(() => this.#add(job, manager));
  }

  async #add(job: NewJob, manager: EntityManager): Promise<void> {
    const now = new Date();
    await manager
      .createQueryBuilder()
      .insert()
      .into(JobEntity)
      .values(
        toRow<JobEntity>({
          ...job,
          chainId: this.chainId,
          operator: this.operator,
          status: 'open',
          round: 0,
          finalAt: null,
          outputs: null,
          error: null,
          attempts: 0,
          nextAttemptAt: now,
          createdAt: now,
          updatedAt: now,
        }),
      )
      .orUpdate(SEEN_AGAIN, ['chain_id', 'operator', 'request_id'])
      .execute();
  }

  find(requestId: bigint, manager: EntityManager = this.dataSource.manager): Promise<Job | undefined> {
    return classified(async () => (await manager.findOneBy(JobEntity, this.#where(requestId))) ?? undefined);
  }

  list(statuses: readonly JobStatus[], manager: EntityManager = this.dataSource.manager): Promise<Job[]> {
    return classified(() =>
      manager.find(JobEntity, {
        where: { chainId: this.chainId, operator: this.operator, status: In(statuses) },
        order: { requestId: 'ASC' },
      }),
    );
  }

  /** How many jobs there are in each status; statuses without any are left out. */
  countByStatus(): Promise<Partial<Record<JobStatus, number>>> {
    return classified(async () => {
      const rows: { status: JobStatus; count: string }[] = await this.dataSource.query(
        'select status, count(*) from jobs where chain_id = $1 and operator = $2 group by status order by status',
        [this.chainId, this.operator.toLowerCase()],
      );
      return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
    });
  }

  /** By version; versions that nobody asked are left out. */
  activityByVersion(): Promise<Map<bigint, VersionActivity>> {
    return classified(async () => {
      const rows: { version_id: string; last_deadline: Date; busy: boolean }[] = await this.dataSource.query(
        `select version_id, max(deadline) as last_deadline, bool_or(status = any($3)) as busy
         from jobs where chain_id = $1 and operator = $2 group by version_id`,
        [this.chainId, this.operator.toLowerCase(), UNFINISHED],
      );
      return new Map(
        rows.map((row) => [BigInt(row.version_id), { lastDeadline: row.last_deadline, busy: row.busy }] as const),
      );
    });
  }

  /**
   * Takes up the job that has been due longest in one of `statuses`, and puts its next attempt `leaseMs` away: should the worker
   * die, another takes it up then. Workers that ask at the same time get different jobs.
   */
  claimNextDue(statuses: readonly JobStatus[], leaseMs: number): Promise<Job | undefined> {
    return classified(() =>
      this.dataSource.transaction(async (manager) => {
        const [due]: { request_id: string }[] = await manager.query(
          `select request_id from jobs
           where chain_id = $1 and operator = $2 and status = any($3) and next_attempt_at <= clock_timestamp()
           order by next_attempt_at, request_id limit 1 for update skip locked`,
          [this.chainId, this.operator.toLowerCase(), statuses],
        );
        if (due === undefined) return undefined;
        await manager.query(
          `update jobs set attempts = attempts + 1, updated_at = clock_timestamp(),
             next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond'
           where chain_id = $1 and operator = $2 and request_id = $3`,
          [this.chainId, this.operator.toLowerCase(), due.request_id, leaseMs],
        );
        return manager.findOneByOrFail(JobEntity, this.#where(BigInt(due.request_id)));
      }),
    );
  }

  /**
   * Moves a job on, due at once unless the patch says otherwise.
   *
   * @param seenIn the block the request was seen in; undefined: whichever
   * @throws DomainError `JobMoveRefused` when no such move exists, `JobMovedMeanwhile` when the job is not in `from` any more, or
   * was seen in another block since.
   */
  move(
    requestId: bigint,
    from: JobStatus,
    to: JobStatus,
    patch: JobPatch = {},
    manager: EntityManager = this.dataSource.manager,
    seenIn?: Hex,
  ): Promise<void> {
    return classified(async () => {
      if (!JOB_TRANSITIONS[from].includes(to)) {
        throw new DomainError<JobRepositoryErrorCode>('JobMoveRefused', `A job cannot go from ${from} to ${to}.`, {
          data: { requestId, from, to },
        });
      }
      const now = new Date();
      const changes = { nextAttemptAt: now, ...patch, status: to, attempts: 0, updatedAt: now };
      const { affected } = await manager.update(
        JobEntity,
        { ...this.#where(requestId), status: from, ...(seenIn !== undefined && { blockHash: seenIn }) },
        toRow<JobEntity>(changes),
      );
      if (affected === 1) return;
      throw new DomainError<JobRepositoryErrorCode>(
        'JobMovedMeanwhile',
        `The job of request ${requestId} is not ${from} any more. Read it again.`,
        { data: { requestId, from, to } },
      );
    });
  }

  /** Tries again at `nextAttemptAt`, in the same status; an error that is not given stays what it was. */
  postpone(requestId: bigint, nextAttemptAt: Date, error?: Job['error']): Promise<void> {
    return classified(async () => {
      await this.dataSource.manager.update(
        JobEntity,
        this.#where(requestId),
        toRow<JobEntity>({ nextAttemptAt, error, updatedAt: new Date() }),
      );
    });
  }

  /**
   * Due at once, whatever they were waiting for: these requests, or every one that waits for a time, leases of a worker that
   * died included. What was postponed to `NEVER` is only woken by name.
   */
  makeDue(requestIds?: readonly bigint[], manager: EntityManager = this.dataSource.manager): Promise<void> {
    return classified(async () => {
      const chosen = requestIds === undefined ? 'next_attempt_at < $3' : 'request_id = any($3)';
      await manager.query(
        `update jobs set next_attempt_at = clock_timestamp() where chain_id = $1 and operator = $2 and ${chosen}`,
        [this.chainId, this.operator.toLowerCase(), requestIds?.map(String) ?? NEVER],
      );
    });
  }

  /** Due at once: whatever was written since, also what was postponed to `NEVER`, because it ended on blocks that are gone. */
  makeDueSince(since: Date, manager: EntityManager = this.dataSource.manager): Promise<void> {
    return classified(async () => {
      await manager.query(
        `update jobs set next_attempt_at = clock_timestamp() where chain_id = $1 and operator = $2 and updated_at >= $3`,
        [this.chainId, this.operator.toLowerCase(), since],
      );
    });
  }

  /** Forgets requests seen after `blockNumber` that we have not answered: the chain may never have heard of them. */
  forgetAfter(blockNumber: bigint, manager: EntityManager = this.dataSource.manager): Promise<void> {
    return classified(async () => {
      await manager.query(
        `delete from jobs where chain_id = $1 and operator = $2 and block_number > $3 and status in ('open', 'computed')`,
        [this.chainId, this.operator.toLowerCase(), blockNumber.toString()],
      );
    });
  }

  #where(requestId: bigint) {
    return { chainId: this.chainId, operator: this.operator, requestId };
  }
}
