import { blockAt, type Chain, type LogBatch, type LogCheckpoint, LogFollower, toChainError } from '@openimo/chain';
import { type Deployment, inferenceOracleAbi } from '@openimo/contracts';
import {
  ChainCursorRepository,
  type DataSource,
  inTransaction,
  type WatchedAnswerRepository,
  withRetry,
} from '@openimo/persistence';
import type { Logger, Vitals } from '@openimo/service';
import type { NodeConfig } from '../config/config.js';
import { checkGenesis } from '../health/monitor.js';
import { isWatched } from './watch-scope.js';
import { readWatchLogs } from './watch-logs.js';
import type { Watcher } from './watcher.js';

/** Further behind than this, and the watcher is catching up rather than following. */
const FOLLOWING_BLOCKS = 20n;
/** How much further back than the longest window to begin. */
const SLACK_SECONDS = 600;

/** Turns the answers that the chain announces into rows to be judged. */
export class WatchFollower {
  readonly #cursor: ChainCursorRepository;
  /** Everything up to here is in rows. */
  block: bigint | undefined;
  caughtUp = false;

  constructor(
    private readonly config: Pick<NodeConfig, 'watch' | 'versions'>,
    private readonly database: DataSource,
    private readonly chain: Chain,
    private readonly deployment: Deployment,
    private readonly answers: WatchedAnswerRepository,
    private readonly watcher: Watcher,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {
    // Whoever watches other versions than before looks at all open windows again.
    const scope = config.watch === 'served' ? config.versions : config.watch;
    this.#cursor = new ChainCursorRepository(
      database,
      chain.id,
      `watcher:${answers.watcher.toLowerCase()}:${String(scope)}`,
    );
  }

  /** @throws DomainError `GenesisChanged` */
  async run(signal: AbortSignal): Promise<void> {
    const onTrouble = (err: unknown) => {
      if (this.vitals.set('watch', false, 'cannot follow the chain'))
        this.log.warn({ err }, 'cannot follow the chain to watch answers');
    };
    const startBlock = await withRetry(() => this.#firstOpenBlock(), { signal, onRetry: onTrouble }).catch((error) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (startBlock === undefined) return;
    const follower = new LogFollower({
      chain: this.chain,
      addresses: () => [this.deployment.addresses.inferenceOracle],
      abi: inferenceOracleAbi,
      cursor: { checkpoints: () => this.#checkpoints() },
      startBlock,
      onBlocks: (batch) => this.#store(batch),
      onRollback: (ancestor) => this.#rollBack(ancestor),
      onTrouble,
    });
    await follower.run(signal);
  }

  /** No answer before it can have its window open still. */
  async #firstOpenBlock(): Promise<bigint> {
    const { client } = this.chain;
    const { safeWindow } = this.deployment.parameters.oracle;
    try {
      const { timestamp } = await client.getBlock();
      return await blockAt(client, Number(timestamp) - safeWindow - SLACK_SECONDS, this.deployment.startBlock);
    } catch (error) {
      throw toChainError(error);
    }
  }

  async #checkpoints(): Promise<readonly LogCheckpoint[]> {
    const checkpoints = await this.#cursor.checkpoints();
    this.block = checkpoints[0]?.blockNumber;
    this.caughtUp ||= this.block === (await this.chain.client.getBlockNumber());
    return checkpoints;
  }

  async #store({ logs, checkpoint, toBlock, headBlock }: LogBatch<typeof inferenceOracleAbi>): Promise<void> {
    const { timestamp } = await this.chain.client.getBlock();
    const seen = readWatchLogs(logs, {
      me: this.answers.watcher,
      isWatched: (versionId) => isWatched(this.config, versionId),
      now: Number(timestamp),
    });
    await inTransaction(this.database, async (manager) => {
      for (const answer of seen) await this.answers.add(answer, manager);
      await this.#cursor.advance(manager, checkpoint);
    });
    this.block = toBlock;
    const behind = headBlock - toBlock;
    this.vitals.set('watch', behind <= FOLLOWING_BLOCKS, `${behind} blocks behind`);
    this.caughtUp ||= behind === 0n;
    if (seen.length > 0) this.watcher.wake();
  }

  async #rollBack(ancestor: LogCheckpoint | undefined): Promise<void> {
    await checkGenesis(this.chain.client, this.deployment.genesisHash);
    await inTransaction(this.database, async (manager) => {
      await this.#cursor.rewind(manager, ancestor);
      await this.answers.forgetAfter(ancestor?.blockNumber ?? -1n, manager);
    });
  }
}
