import type { Chain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import {
  ChainCursorRepository,
  type Checkpoint,
  type DataSource,
  inTransaction,
  type JobRepository,
} from '@openimo/persistence';
import type { EnrolmentService } from '../enrolment/enrolment.service.js';
import type { Vitals } from '../health/vitals.js';
import type { Logger } from '../log/logger.js';
import { pause } from '../shutdown/pause.js';
import { readRequestLogs } from './request-logs.js';
import type { RequestWorker } from './request.worker.js';

/** Blocks asked for at once. */
const WINDOW = 2_000n;

/** Turns what the chain says about requests into rows: requests to answer, and nudges for those that moved. */
export class RequestFollower {
  /** Everything up to here is in rows. */
  block: bigint | undefined;
  caughtUp = false;

  constructor(
    private readonly database: DataSource,
    private readonly chain: Chain,
    private readonly deployment: Deployment,
    private readonly jobs: JobRepository,
    private readonly worker: RequestWorker,
    private readonly enrolments: EnrolmentService,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const cursor = new ChainCursorRepository(
      this.database,
      this.chain.id,
      `operator:${this.jobs.operator.toLowerCase()}`,
    );
    this.enrolments.onEnrolled = () =>
      void this.jobs.makeDue().then(
        () => this.worker.wake(),
        () => undefined,
      );
    while (!signal.aborted) {
      try {
        const more = await this.#advance(cursor);
        this.vitals.set('follower', true);
        if (more) continue;
        this.caughtUp = true;
      } catch (error) {
        if (signal.aborted) return;
        if (this.vitals.set('follower', false, (error as Error).message))
          this.log.warn({ err: error }, 'cannot follow the chain; trying again');
      }
      await pause(this.chain.pollIntervalMs, signal);
    }
  }

  async #advance(cursor: ChainCursorRepository): Promise<boolean> {
    const head = await this.chain.client.getBlockNumber();
    const ancestor = await this.#ancestor(cursor);
    const fromBlock = ancestor ? ancestor.blockNumber + 1n : this.deployment.startBlock;
    this.block = ancestor?.blockNumber;
    if (fromBlock > head) return false;
    const toBlock = head - fromBlock < WINDOW ? head : fromBlock + WINDOW - 1n;
    const [last, logs] = await Promise.all([
      this.chain.client.getBlock({ blockNumber: toBlock }),
      this.chain.client.getLogs({ address: this.deployment.addresses.inferenceOracle, fromBlock, toBlock }),
    ]);
    const news = readRequestLogs(logs, this.deployment.addresses.inferenceOracle, (id) => this.enrolments.isServed(id));
    await inTransaction(this.database, async (manager) => {
      await cursor.rewind(manager, ancestor);
      for (const job of news.opened) await this.jobs.add(job, manager);
      if (news.touched.length > 0) await this.jobs.makeDue(news.touched, manager);
      await cursor.advance(manager, { blockNumber: toBlock, blockHash: last.hash });
    });
    this.block = toBlock;
    if (news.touched.length > 0) this.worker.wake(news.touched);
    return toBlock < head;
  }

  async #ancestor(cursor: ChainCursorRepository): Promise<Checkpoint | undefined> {
    for (const checkpoint of await cursor.checkpoints()) {
      const block = await this.chain.client.getBlock({ blockNumber: checkpoint.blockNumber }).catch(() => undefined);
      if (block?.hash.toLowerCase() === checkpoint.blockHash) return checkpoint;
    }
    return undefined;
  }
}
