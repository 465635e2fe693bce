import type { RunnerPool } from '@openimo/inference';
import type { JobRepository, WatchedAnswerRepository } from '@openimo/persistence';
import { formatEther } from 'viem';
import type { NodeConfig } from './config/config.js';
import type { AuditFollower } from './audit/audit.follower.js';
import type { AuditWorker } from './audit/audit.worker.js';
import type { DisputeFollower } from './dispute/dispute.follower.js';
import type { DisputeWorker } from './dispute/dispute.worker.js';
import type { EnrolmentService } from './enrolment/enrolment.service.js';
import { HealthServer, type Logger, pause, type Shutdown, type StatusReport, type Vitals } from '@openimo/service';
import { nodeMetrics } from './health/metrics.js';
import type { Monitor } from './health/monitor.js';
import type { Protocol } from './protocol/protocol.js';
import type { RequestFollower } from './request/request.follower.js';
import type { RequestWorker } from './request/request.worker.js';
import type { RevenueCollector } from './revenue/revenue.collector.js';
import type { SelfTest } from './self-test/self-test.js';
import type { WatchFollower } from './watch/watch.follower.js';
import type { Watcher } from './watch/watcher.js';

/** What the node tells the process that started it, once. */
export interface ReadyMessage {
  readonly ready: true;
  readonly name: string;
  readonly address: string;
  readonly httpPort: number;
}

/** The operator, the watcher, or both: its loops, side by side, until the shutdown ends them. */
export class OperatorNode {
  constructor(
    private readonly config: NodeConfig,
    private readonly shutdown: Shutdown,
    private readonly protocol: Protocol,
    private readonly jobs: JobRepository,
    private readonly runner: RunnerPool,
    private readonly selfTest: SelfTest,
    private readonly enrolments: EnrolmentService,
    private readonly follower: RequestFollower,
    private readonly worker: RequestWorker,
    private readonly disputeFollower: DisputeFollower,
    private readonly disputes: DisputeWorker,
    private readonly auditFollower: AuditFollower,
    private readonly audits: AuditWorker,
    private readonly collector: RevenueCollector,
    private readonly watchFollower: WatchFollower,
    private readonly watcher: Watcher,
    private readonly watched: WatchedAnswerRepository,
    private readonly monitor: Monitor,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  async run(): Promise<void> {
    const { signal } = this.shutdown;
    const { vitals, log, config } = this;
    const metrics = nodeMetrics(config.name, {
      vitals,
      monitor: this.monitor,
      follower: this.follower,
      jobs: this.jobs,
      watched: this.watched,
      disputes: this.disputes,
    });
    const server = new HealthServer({ vitals, status: () => this.#status(), metrics, log });
    const httpPort = await server.listen({ port: config.httpPort, host: config.httpHost });
    this.shutdown.add('health server', () => server.close());
    this.vitals.set('start', false, 'stake, enrolments and what happened before are being looked at');

    const loops = [this.selfTest, this.monitor, ...this.#parts()].map((part) => part.run(signal));
    loops.push(this.#announce(httpPort, signal));
    try {
      await Promise.all(loops);
    } finally {
      // What one of them could not get over ends the others, in order.
      this.shutdown.abort();
      await Promise.allSettled(loops);
    }
  }

  /** What this node does, by its role. */
  #parts(): { run(signal: AbortSignal): Promise<void> }[] {
    const { role, watch, audit } = this.config;
    const watching = watch === 'none' ? [] : [this.watchFollower, this.watcher];
    const disputing = [this.disputeFollower, this.disputes];
    if (role === 'watcher') return [...disputing, ...watching];
    const auditing = audit ? [this.auditFollower, this.audits] : [];
    return [this.enrolments, this.follower, this.worker, this.collector, ...disputing, ...watching, ...auditing];
  }

  #isReady(): boolean {
    if (!this.disputeFollower.caughtUp || this.selfTest.latest === undefined) return false;
    if (this.config.role === 'watcher') return this.watchFollower.caughtUp;
    return this.enrolments.settled && this.follower.caughtUp;
  }

  async #announce(httpPort: number, signal: AbortSignal): Promise<void> {
    while (!this.#isReady()) {
      if (signal.aborted) return;
      await pause(50, signal);
    }
    this.vitals.set('start', true);
    const message: ReadyMessage = { ready: true, name: this.config.name, address: this.protocol.me, httpPort };
    this.log.info({ address: message.address, httpPort }, 'ready');
    process.send?.(message);
  }

  /** Null until the runtime is tested. */
  #judgesBy(): 'onnxruntime' | 'specification' | null {
    const verdict = this.selfTest.latest;
    if (verdict === undefined || (!verdict.sound && !verdict.final)) return null;
    return verdict.sound ? 'onnxruntime' : 'specification';
  }

  async #status(): Promise<StatusReport> {
    const [{ stake, locked, exiting }, jobs, watched] = await Promise.all([
      this.protocol.operator(),
      this.jobs.countByStatus(),
      this.watched.countByStatus(),
    ]);
    const balance = this.monitor.balance;
    return {
      name: this.config.name,
      address: this.protocol.me,
      ready: this.vitals.problems().length === 0,
      problems: this.vitals.problems(),
      warnings: this.vitals.warnings(),
      stake: { total: stake, locked, exiting },
      balance: { wei: balance ?? null, eth: balance === undefined ? null : formatEther(balance) },
      versions: this.enrolments.list(),
      role: this.config.role,
      judgesBy: this.#judgesBy(),
      jobs,
      watched,
      disputes: this.disputes.open(),
      audits: this.audits.open(),
      lastBlock: this.monitor.head?.number ?? null,
      followedBlock: this.follower.block ?? null,
      watchedBlock: this.watchFollower.block ?? null,
      runners: this.runner.status(),
    };
  }
}
