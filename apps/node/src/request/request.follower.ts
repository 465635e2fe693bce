import { type Chain, type LogBatch, type LogCheckpoint, LogFollower } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import { ChainCursorRepository, type DataSource, inTransaction, type JobRepository } from '@openimo/persistence';
import type { Logger, Vitals } from '@openimo/service';
import type { EnrolmentService } from '../enrolment/enrolment.service.js';
import { checkGenesis } from '../health/monitor.js';
import { FOLLOWED_ABI, readRequestLogs } from './request-logs.js';
import type { RequestWorker } from './request.worker.js';

/** Further behind than this, and the node is catching up rather than following. */
const FOLLOWING_BLOCKS = 20n;
/** How far our clock and the chain's may be apart. */
const CLOCK_SLACK_MS = 600_000;

/** Turns what the chain says about requests into rows: requests to answer, and nudges for those that moved. */
export class RequestFollower {
  readonly #cursor: ChainCursorRepository;
  /** Everything up to here is in rows. */
  block: bigint | undefined;
  /** The rows have been as new as the chain, once. */
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
  ) {
    this.#cursor = new ChainCursorRepository(database, chain.id, `operator:${jobs.operator.toLowerCase()}`);
    enrolments.onEnrolled = () => void this.#wakeAll();
  }

  /** @throws DomainError `GenesisChanged` */
  async run(signal: AbortSignal): Promise<void> {
    const { modelRegistry, inferenceOracle } = this.deployment.addresses;
    const follower = new LogFollower({
      chain: this.chain,
      addresses: () => [inferenceOracle, modelRegistry],
      abi: FOLLOWED_ABI,
      cursor: { checkpoints: () => this.#checkpoints() },
      startBlock: this.deployment.startBlock,
      onBlocks: (batch) => this.#store(batch),
      onRollback: (ancestor) => this.#rollBack(ancestor),
      onTrouble: (err) => {
        if (this.vitals.set('follower', false, 'cannot follow the chain'))
          this.log.warn({ err }, 'cannot follow the chain');
      },
    });
    await follower.run(signal);
  }

  async #checkpoints(): Promise<readonly LogCheckpoint[]> {
    const checkpoints = await this.#cursor.checkpoints();
    this.block = checkpoints[0]?.blockNumber;
    // Started where it ended, there is no batch to tell that nothing is missing.
    this.caughtUp ||= this.block === (await this.chain.client.getBlockNumber());
    return checkpoints;
  }

  async #store({ logs, checkpoint, toBlock, headBlock }: LogBatch<typeof FOLLOWED_ABI>): Promise<void> {
    const news = readRequestLogs(logs, (versionId) => this.enrolments.isServed(versionId));
    this.worker.wake(news.touched, toBlock);
    await inTransaction(this.database, async (manager) => {
      for (const job of news.opened) await this.jobs.add(job, manager);
      if (news.touched.length > 0) await this.jobs.makeDue(news.touched, manager);
      await this.#cursor.advance(manager, checkpoint);
    });
    this.block = toBlock;
    const behind = headBlock - toBlock;
    this.vitals.set('follower', behind <= FOLLOWING_BLOCKS, `${behind} blocks behind`);
    this.caughtUp ||= behind === 0n;
    if (news.touched.length > 0) this.worker.wake([], toBlock);
    if (news.published) this.enrolments.wake();
  }

  async #rollBack(ancestor: LogCheckpoint | undefined): Promise<void> {
    await checkGenesis(this.chain.client, this.deployment.genesisHash);
    this.log.warn({ ancestor: ancestor?.blockNumber ?? null }, 'the chain was reorganised');
    const since = await this.#endedSince(ancestor);
    await inTransaction(this.database, async (manager) => {
      await this.#cursor.rewind(manager, ancestor);
      await this.jobs.forgetAfter(ancestor?.blockNumber ?? -1n, manager);
      await this.jobs.makeDueSince(since, manager);
    });
    await this.#wakeAll();
  }

  /** Requests that ended before this did so on blocks that still are. The clock of a local chain may be anywhere. */
  async #endedSince(ancestor: LogCheckpoint | undefined): Promise<Date> {
    if (ancestor === undefined || this.chain.isLocal) return new Date(0);
    const { timestamp } = await this.chain.client.getBlock({ blockNumber: ancestor.blockNumber });
    return new Date(Number(timestamp) * 1_000 - CLOCK_SLACK_MS);
  }

  /** Facts changed that no event of a request tells about. */
  async #wakeAll(): Promise<void> {
    try {
      this.worker.wakeAll();
      await this.jobs.makeDue();
      this.worker.wakeAll();
    } catch (err) {
      // They are looked at again in a while without it.
      this.log.debug({ err }, 'could not wake requests');
    }
  }
}
