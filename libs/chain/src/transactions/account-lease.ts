import { DomainError } from '@openimo/domain';
import { pause } from '../support/concurrency.js';
import type { TransactionStore } from './transaction-store.js';

export interface AccountLeaseOptions {
  readonly store: TransactionStore;
  /** For people who wonder who holds it: host and process. */
  readonly holder: string;
  /** After this long without a sign of life another process may take the account, in milliseconds. */
  readonly ttlMs: number;
  /** How long to wait for the present holder, in milliseconds. */
  readonly waitMs: number;
}

/**
 * The right to use an account's nonces, in one process at a time. The holder shows every `ttlMs / 3` that it lives; one that was
 * killed is replaced within `ttlMs`. The generation counts holders, and every write names it: a holder that was only asleep
 * finds its writes refused.
 */
export class AccountLease {
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: AccountLeaseOptions,
    readonly generation: number,
    private readonly onLost: (error: DomainError) => void,
  ) {
    this.#schedule();
  }

  /** @throws DomainError `AccountInUse` when another process keeps the account. */
  static async take(
    options: AccountLeaseOptions,
    onLost: (error: DomainError) => void,
    signal?: AbortSignal,
  ): Promise<AccountLease> {
    const giveUpAt = performance.now() + options.waitMs;
    for (;;) {
      const lease = await options.store.acquireLease(options.holder, options.ttlMs);
      if ('generation' in lease) return new AccountLease(options, lease.generation, onLost);
      if (performance.now() >= giveUpAt) throw inUse(options.store.account, lease.heldBy);
      await pause(Math.min(Math.max(lease.leftMs, 20), 250), signal);
    }
  }

  async release(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#renewing;
    await this.options.store.releaseLease(this.generation);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#renewing = this.#renew();
    }, this.options.ttlMs / 3);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    try {
      if (!(await this.options.store.renewLease(this.generation, this.options.ttlMs))) {
        this.#timer = undefined;
        return this.onLost(leaseLost(this.options.store.account));
      }
    } catch {
      // The database is down. The generation decides when it is back, not the time that has passed.
    }
    if (this.#timer !== undefined) this.#schedule();
  }
}

function inUse(account: string, heldBy: string): DomainError<'AccountInUse'> {
  return new DomainError('AccountInUse', `${heldBy} already signs for ${account}. Stop it, or use another account.`, {
    data: { account, heldBy },
  });
}

function leaseLost(account: string): DomainError<'AccountLeaseLost'> {
  return new DomainError('AccountLeaseLost', `Another process signs for ${account} now; this one has stopped.`, {
    data: { account },
  });
}
