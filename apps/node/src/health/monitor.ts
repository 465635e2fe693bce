import { DomainError } from '@openimo/domain';
import type { DataSource } from '@openimo/persistence';
import { type Address, formatEther, type Hex } from 'viem';
import type { Chain } from '@openimo/chain';
import { type Logger, pause, type Vitals } from '@openimo/service';

export type MonitorErrorCode =
  /** The chain behind the RPC is another one than that of the deployment: it was reset. */
  'GenesisChanged';

const EVERY_MS = 2_000;

interface Limits {
  /** Seconds that the latest block may be old. */
  readonly maxHeadAgeSeconds: number;
  /** Wei. */
  readonly minBalance: bigint;
}

/** Looks after what the node stands on: database, chain, funds. */
export class Monitor {
  head: { readonly number: bigint; readonly timestamp: number } | undefined;
  balance: bigint | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly client: Chain['client'],
    private readonly genesisHash: Hex,
    private readonly me: Address,
    private readonly limits: Limits,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  /** @throws DomainError `GenesisChanged`; everything else passes by itself */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#probe('database', () => this.#database());
      await this.#probe('chain', () => this.#chain());
      await this.#probe('balance', () => this.#funds());
      await pause(EVERY_MS, signal);
    }
  }

  async #probe(name: string, probe: () => Promise<string | undefined>): Promise<void> {
    let problem: string | undefined;
    try {
      problem = await probe();
    } catch (error) {
      if (error instanceof DomainError && error.code === 'GenesisChanged') throw error;
      problem = 'does not answer';
    }
    if (!this.vitals.set(name, problem === undefined, problem)) return;
    if (problem === undefined) this.log.info({ part: name }, `${name} is well`);
    else this.log.warn({ part: name, problem }, `${name}: ${problem}`);
  }

  async #database(): Promise<undefined> {
    await this.dataSource.query('select 1');
  }

  async #chain(): Promise<string | undefined> {
    await checkGenesis(this.client, this.genesisHash);
    const block = await this.client.getBlock({ blockTag: 'latest' });
    this.head = { number: block.number, timestamp: Number(block.timestamp) };
    const age = Math.floor(Date.now() / 1_000) - this.head.timestamp;
    return age > this.limits.maxHeadAgeSeconds ? `the latest block is ${age} s old` : undefined;
  }

  async #funds(): Promise<string | undefined> {
    const balance = await this.client.getBalance({ address: this.me });
    this.balance = balance;
    if (balance >= this.limits.minBalance) return undefined;
    return `${this.me} has ${formatEther(balance)} ETH, less than ${formatEther(this.limits.minBalance)}`;
  }
}

/** @throws DomainError `GenesisChanged` */
export async function checkGenesis(client: Chain['client'], expected: Hex): Promise<void> {
  const { hash } = await client.getBlock({ blockNumber: 0n });
  if (hash.toLowerCase() === expected.toLowerCase()) return;
  throw new DomainError<MonitorErrorCode>(
    'GenesisChanged',
    `The chain starts with block ${hash}, the deployment was made on one that starts with ${expected}. The chain was reset, or ` +
      'OPENIMO_RPC_URL and OPENIMO_DEPLOYMENT do not belong together. Deploy again and give the node a new database.',
    { data: { actual: hash, expected } },
  );
}
