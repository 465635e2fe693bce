import type { Deployment } from '@openimo/contracts';
import { type DataSource, IndexRepository, type IndexState, OutboxRepository, withRetry } from '@openimo/persistence';
import type { Command } from './command.js';
import type { IndexerConfig } from './config/config.js';
import { HealthServer, type Logger, pause, type Shutdown, type StatusReport, type Vitals } from '@openimo/service';
import { indexerMetrics } from './health/metrics.js';
import { Monitor } from './health/monitor.js';
import { Indexer, type IndexerEvent } from './indexing/indexer.js';
import { Progress } from './indexing/progress.js';
import { checkChain, finalityDepth, identityOf } from './platform/connect.js';
import { JsonRpc } from './rpc/json-rpc.js';

/** What the indexer tells the process that started it, once: it has reached the head, or works its way there. */
export interface ReadyMessage {
  readonly ready: true;
  readonly name: string;
  readonly httpPort: number;
  readonly caughtUp: boolean;
}

const PRUNE_EVERY_MS = 60_000;
/** A parent waits for us, but not for years of chain. */
const READY_AFTER_MS = 10_000;

/** The process: connects, takes the read model over, follows or rebuilds. */
export class IndexerApp {
  readonly #monitor: Monitor;
  #caughtUp = false;

  constructor(
    private readonly config: IndexerConfig,
    private readonly command: Command,
    private readonly deployment: Deployment,
    private readonly database: DataSource,
    private readonly shutdown: Shutdown,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {
    this.#monitor = new Monitor(vitals, log, config.maxHeadAgeSeconds);
  }

  async run(): Promise<void> {
    const { signal } = this.shutdown;
    await checkChain(this.config, this.deployment, this.log, this.shutdown);
    const index = new IndexRepository(this.database);
    if (this.command.kind === 'rebuild') return this.#rebuild(index, this.command.from, this.command.to);

    const { vitals, log, config } = this;
    const metrics = indexerMetrics(config.name, vitals, this.#monitor);
    const server = new HealthServer({ vitals, status: () => this.#status(), metrics, log });
    const httpPort = await server.listen({ port: config.httpPort, host: config.httpHost });
    this.shutdown.add('health server', () => server.close());
    this.vitals.set('start', false, 'the chain is being read');
    await this.#retried(() => index.takeOver(identityOf(this.deployment)));
    const indexer = this.#indexer(index, (event) => {
      this.#monitor.see(event);
      if (event.type === 'caughtUp') this.#caughtUp = true;
    });
    try {
      await Promise.all([
        indexer.run(signal),
        this.#monitor.watch(this.database, signal),
        this.#announce(httpPort, signal),
        this.#prune(signal),
      ]);
    } finally {
      // What one of them could not get over ends the others.
      this.shutdown.abort();
    }
  }

  /** Takes back everything from `from` on and reads it again; what is final has no way back but from the start. */
  async #rebuild(index: IndexRepository, from: bigint | undefined, to: bigint | undefined): Promise<void> {
    let state = await this.#retried(() => index.takeOver(identityOf(this.deployment), { replace: true }));
    const isRecent =
      from !== undefined &&
      from > this.deployment.startBlock &&
      from > (state.finalizedBlock ?? from) &&
      state.blockNumber !== null;
    if (!isRecent) state = await this.#retried(() => index.clear({ keepNews: true }));
    else if (from <= state.blockNumber!) {
      const [ancestor] = (await this.#retried(() => index.headers(from - 1n))).slice(-1);
      state = await this.#retried(() => index.rollBack(ancestor!));
    }
    const start = state.blockNumber ?? this.deployment.startBlock;
    const progress = new Progress(start);
    const done = new AbortController();
    const indexer = this.#indexer(
      index,
      (event) => {
        this.#monitor.see(event);
        if (event.type === 'indexed') progress.show(event.state, event.logs, to);
        // Without an end to reach, the head is the end.
        if (event.type === 'caughtUp' && to === undefined) done.abort();
      },
      to,
    );
    await indexer.run(AbortSignal.any([this.shutdown.signal, done.signal]));
    const { blockNumber } = index.state;
    if (this.shutdown.signal.aborted) this.log.warn({ block: blockNumber }, 'interrupted; indexing goes on from there');
    else this.log.info({ block: blockNumber, events: this.#monitor.events }, 'rebuilt');
  }

  #indexer(index: IndexRepository, onEvent: (event: IndexerEvent) => void, untilBlock?: bigint): Indexer {
    const { config, deployment } = this;
    return new Indexer({
      identity: identityOf(deployment),
      addresses: deployment.addresses,
      treasury: deployment.protocolTreasury,
      rpc: new JsonRpc({ url: config.rpcUrl, timeoutMs: config.rpcTimeoutMs, maxBatch: config.rpcBatch }),
      index,
      finalityDepth: finalityDepth(config, deployment.chainId),
      audit: config.audit,
      maxBlocks: config.maxBlocks,
      pollMs: config.pollMs,
      shorterMs: config.shorterMs,
      untilBlock,
      onEvent,
    });
  }

  #retried(work: () => Promise<IndexState>): Promise<IndexState>;
  #retried<T>(work: () => Promise<T>): Promise<T>;
  #retried<T>(work: () => Promise<T>): Promise<T> {
    return withRetry(work, { signal: this.shutdown.signal });
  }

  async #announce(httpPort: number, signal: AbortSignal): Promise<void> {
    const giveUpAt = performance.now() + READY_AFTER_MS;
    while (!this.#caughtUp && performance.now() < giveUpAt) {
      if (signal.aborted) return;
      await pause(20, signal);
    }
    const message: ReadyMessage = { ready: true, name: this.config.name, httpPort, caughtUp: this.#caughtUp };
    this.log.info({ httpPort, caughtUp: this.#caughtUp, block: this.#monitor.state?.blockNumber }, 'ready');
    process.send?.(message);
    while (!this.#caughtUp && !signal.aborted) await pause(100, signal);
    this.vitals.set('start', true);
  }

  async #prune(signal: AbortSignal): Promise<void> {
    const outbox = new OutboxRepository(this.database);
    while (!signal.aborted) {
      await outbox.prune(this.config.outboxKeep).catch((err: unknown) => this.log.debug({ err }, 'pruning later'));
      await pause(PRUNE_EVERY_MS, signal);
    }
  }

  async #status(): Promise<StatusReport> {
    const { state, events, rollbacks, lagBlocks } = this.#monitor;
    const problems = this.vitals.problems();
    return {
      name: this.config.name,
      ready: problems.length === 0,
      problems,
      block: state?.blockNumber ?? null,
      finalizedBlock: state?.finalizedBlock ?? null,
      headBlock: state?.headBlock ?? null,
      lagBlocks,
      outboxPosition: state?.outboxPosition ?? null,
      generation: state?.generation ?? null,
      events,
      rollbacks,
    };
  }
}
