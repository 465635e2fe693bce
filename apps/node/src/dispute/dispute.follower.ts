import { type Chain, type LogBatch, type LogCheckpoint, LogFollower } from '@openimo/chain';
import { type Deployment, disputeGameAbi } from '@openimo/contracts';
import { type GameEvent, readGameLog } from '@openimo/disputes';
import type { Hex } from '@openimo/domain';
import {
  ChainCursorRepository,
  type DataSource,
  type GameEventRepository,
  type GrievanceRepository,
  inTransaction,
} from '@openimo/persistence';
import type { Logger, Vitals } from '@openimo/service';
import { checkGenesis } from '../health/monitor.js';
import type { DisputeBook } from './dispute-book.js';
import type { DisputeWorker } from './dispute.worker.js';
import { fromEventRow, toEventRow } from './game-event-row.js';

/** Further behind than this, and the node is catching up rather than following. */
const FOLLOWING_BLOCKS = 20n;
/** How far our clock and the chain's may be apart. */
const CLOCK_SLACK_MS = 600_000;
/** No dispute lasts nearly as long: two clocks of 26 hours. What nobody withdrew by then the chain still knows. */
const KEPT_MS = 90 * 86_400_000;

/** Writes down what the dispute game announces, and wakes those who play. */
export class DisputeFollower {
  readonly #cursor: ChainCursorRepository;
  /** The rows have been as new as the chain, once. */
  caughtUp = false;

  constructor(
    private readonly database: DataSource,
    private readonly chain: Chain,
    private readonly deployment: Deployment,
    private readonly events: GameEventRepository,
    private readonly grievances: GrievanceRepository,
    private readonly book: DisputeBook,
    private readonly worker: DisputeWorker,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {
    this.#cursor = new ChainCursorRepository(database, chain.id, `disputes:${events.account.toLowerCase()}`);
  }

  /** @throws DomainError `GenesisChanged` */
  async run(signal: AbortSignal): Promise<void> {
    const follower = new LogFollower({
      chain: this.chain,
      addresses: () => [this.deployment.addresses.disputeGame],
      abi: disputeGameAbi,
      cursor: { checkpoints: () => this.#checkpoints() },
      startBlock: this.deployment.startBlock,
      onBlocks: (batch) => this.#store(batch),
      onRollback: (ancestor) => this.#rollBack(ancestor),
      onTrouble: (err) => {
        if (this.vitals.set('dispute follower', false, 'cannot follow the chain'))
          this.log.warn({ err }, 'cannot follow the dispute game');
      },
    });
    await follower.run(signal);
  }

  /** Read when it starts, and again after anything that failed: then the rows say what there is, too. */
  async #checkpoints(): Promise<readonly LogCheckpoint[]> {
    const checkpoints = await this.#cursor.checkpoints();
    const block = checkpoints[0]?.blockNumber;
    if (this.book.block === undefined) await this.events.forgetBefore(new Date(Date.now() - KEPT_MS));
    this.book.replace((await this.events.list()).map(fromEventRow), block);
    this.caughtUp ||= block === (await this.chain.client.getBlockNumber());
    this.worker.wake();
    return checkpoints;
  }

  async #store({ logs, checkpoint, toBlock, headBlock }: LogBatch<typeof disputeGameAbi>): Promise<void> {
    const events = await this.#read(logs);
    await inTransaction(this.database, async (manager) => {
      await this.events.add(events.map(toEventRow), manager);
      await this.#cursor.advance(manager, checkpoint);
    });
    this.book.add(events, toBlock);
    const behind = headBlock - toBlock;
    this.vitals.set('dispute follower', behind <= FOLLOWING_BLOCKS, `${behind} blocks behind`);
    this.caughtUp ||= behind === 0n;
    if (events.length > 0) this.worker.wake();
  }

  async #read(logs: LogBatch<typeof disputeGameAbi>['logs']): Promise<GameEvent[]> {
    const times = new Map<Hex, number>();
    const events: GameEvent[] = [];
    for (const log of logs) {
      const { blockHash } = log;
      const at = times.get(blockHash) ?? Number((await this.chain.client.getBlock({ blockHash })).timestamp);
      times.set(blockHash, at);
      const event = readGameLog(log, at);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  async #rollBack(ancestor: LogCheckpoint | undefined): Promise<void> {
    await checkGenesis(this.chain.client, this.deployment.genesisHash);
    this.log.warn({ ancestor: ancestor?.blockNumber ?? null }, 'the chain was reorganised under the disputes');
    await inTransaction(this.database, async (manager) => {
      await this.#cursor.rewind(manager, ancestor);
      await this.events.forgetAfter(ancestor?.blockNumber ?? -1n, manager);
    });
    await this.grievances.reopenSince(await this.#settledSince(ancestor));
    this.worker.forget();
  }

  /** What was settled before this was settled on blocks that still are. The clock of a local chain may be anywhere. */
  async #settledSince(ancestor: LogCheckpoint | undefined): Promise<Date> {
    if (ancestor === undefined || this.chain.isLocal) return new Date(0);
    const { timestamp } = await this.chain.client.getBlock({ blockNumber: ancestor.blockNumber });
    return new Date(Number(timestamp) * 1_000 - CLOCK_SLACK_MS);
  }
}
