import { blockAt, type Chain, type LogBatch, type LogCheckpoint, LogFollower, toChainError } from '@openimo/chain';
import { auditsAbi, type Deployment, inferenceOracleAbi } from '@openimo/contracts';
import type { Logger, Vitals } from '@openimo/service';
import { checkGenesis } from '../health/monitor.js';
import type { AuditWorker } from './audit.worker.js';

const ABI = [...inferenceOracleAbi, ...auditsAbi] as const;

/** How many dispute windows back an audit can have begun that is not settled yet: disputes last two more. */
const WINDOWS = 4;
const SLACK_SECONDS = 600;
const CHECKPOINTS_KEPT = 64;

/**
 * Tells of answers that may be audited and of audits that have begun. Keeps nothing of its own: what is open is read from the chain again at
 * the start, and what was done about it is in transactions.
 */
export class AuditFollower {
  #checkpoints: LogCheckpoint[] = [];

  constructor(
    private readonly chain: Chain,
    private readonly deployment: Deployment,
    private readonly worker: AuditWorker,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  /** @throws DomainError `GenesisChanged` */
  async run(signal: AbortSignal): Promise<void> {
    const { inferenceOracle, audits } = this.deployment.addresses;
    const startBlock = await this.#startBlock();
    const follower = new LogFollower({
      chain: this.chain,
      addresses: () => [inferenceOracle, audits],
      abi: ABI,
      cursor: { checkpoints: async () => this.#checkpoints },
      startBlock,
      onBlocks: (batch) => this.#read(batch),
      onRollback: (ancestor) => this.#rollBack(ancestor),
      onTrouble: (err) => {
        if (this.vitals.set('audits', false, 'cannot follow the chain'))
          this.log.warn({ err }, 'cannot follow the chain to audit answers');
      },
    });
    await follower.run(signal);
  }

  async #startBlock(): Promise<bigint> {
    const { client } = this.chain;
    const { safeWindow } = this.deployment.parameters.oracle;
    try {
      const { timestamp } = await client.getBlock();
      return await blockAt(
        client,
        Number(timestamp) - WINDOWS * safeWindow - SLACK_SECONDS,
        this.deployment.startBlock,
      );
    } catch (error) {
      // The audits of a minute more are better than none.
      this.log.warn({ err: toChainError(error) }, 'cannot tell where open audits begin; reading from the start');
      return this.deployment.startBlock;
    }
  }

  async #read({ logs, checkpoint }: LogBatch<typeof ABI>): Promise<void> {
    for (const log of logs) {
      if (log.eventName === 'OutputAsserted') this.worker.onAnswer({ ...log.args, blockNumber: log.blockNumber });
      if (log.eventName === 'AuditSelected') this.worker.onAudit({ ...log.args, blockNumber: log.blockNumber });
    }
    this.#checkpoints = [checkpoint, ...this.#checkpoints].slice(0, CHECKPOINTS_KEPT);
    this.vitals.set('audits', true);
  }

  async #rollBack(ancestor: LogCheckpoint | undefined): Promise<void> {
    await checkGenesis(this.chain.client, this.deployment.genesisHash);
    const block = ancestor?.blockNumber ?? -1n;
    this.#checkpoints = this.#checkpoints.filter(({ blockNumber }) => blockNumber <= block);
    this.worker.forgetAfter(block);
  }
}
