import type { TransactionErrorCode, TransactionManager } from '@openimo/chain';
import { isDomainError } from '@openimo/domain';
import { type Abi, encodeFunctionData, type Hex } from 'viem';
import type { Logger, Vitals } from '@openimo/service';
import type { Call } from '../protocol/protocol.js';
import { attemptKey, lastAttempt } from './effect-key.js';

export type Effect =
  /** A row exists and its transaction is on the way. */
  | { readonly result: 'sent' | 'pending' }
  /** The last attempt was mined after the facts were read; read them again. */
  | { readonly result: 'stale' }
  /** The chain would refuse it now; nothing was sent. */
  | { readonly result: 'refused'; readonly reason: string }
  /** The account cannot pay for it; nothing was sent. */
  | { readonly result: 'unfunded' };

const PATIENCE_MS = 250;
const PATIENCE_MOST_MS = 60_000;

type Transactions = Pick<TransactionManager, 'find' | 'submit' | 'hurry' | 'account'>;

/**
 * Turns a decision into at most one transaction. Whoever asks again, after a crash or out of impatience, is told what became of
 * it; another attempt is made only once the last one is settled and was known to those who decided.
 */
export class Effects {
  readonly #attempts = new Map<string, number>();
  /** Effects that could not be paid for. */
  readonly #unfunded = new Set<string>();

  constructor(
    private readonly transactions: Transactions,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {
    this.vitals.set('funds', true);
  }

  /**
   * @param decidedAt the block whose facts called for the effect
   * @param by when it is worth nothing any more; asked again and again, its transaction is offered for more in time
   */
  async perform(effect: string, call: Call, decidedAt: bigint, by?: Date): Promise<Effect> {
    const attempt = await this.#lastAttempt(effect);
    const last = attempt === 0 ? undefined : await this.transactions.find(attemptKey(effect, attempt));
    if (last?.status === 'prepared' || last?.status === 'broadcast') {
      if (by !== undefined) this.transactions.hurry(last.key, by);
      return { result: 'pending' };
    }
    if (last?.blockNumber != null && last.blockNumber > decidedAt) return { result: 'stale' };
    if (last?.status === 'failed' && isTooSoon(attempt, last.updatedAt)) return { result: 'pending' };

    const key = attemptKey(effect, attempt + 1);
    try {
      const { to, value, spareGas } = call;
      await this.transactions.submit({ key, to, data: encode(call), value, spareGas });
    } catch (error) {
      return this.#withoutTransaction(effect, error);
    }
    if (by !== undefined) this.transactions.hurry(key, by);
    this.#attempts.set(effect, attempt + 1);
    this.#funded(effect);
    this.log.info({ key, call: call.functionName, value: call.value }, 'sent');
    return { result: 'sent' };
  }

  async #lastAttempt(effect: string): Promise<number> {
    const exists = async (attempt: number) => (await this.transactions.find(attemptKey(effect, attempt))) !== undefined;
    return lastAttempt(exists, this.#attempts.get(effect) ?? 0);
  }

  #withoutTransaction(effect: string, error: unknown): Effect {
    if (isDomainError<TransactionErrorCode>(error, 'ContractReverted')) {
      this.#funded(effect);
      const reason = String(error.data['errorName'] ?? error.message);
      this.log.debug({ effect, reason, err: error }, 'the chain would refuse this now; nothing was sent');
      return { result: 'refused', reason };
    }
    if (isDomainError<TransactionErrorCode>(error, 'InsufficientFunds')) {
      this.#unfunded.add(effect);
      const news = this.vitals.set(
        'funds',
        false,
        `${this.transactions.account} cannot pay for ${effect}: send ETH to it`,
      );
      if (news) this.log.error({ effect, err: error }, `out of funds: send ETH to ${this.transactions.account}`);
      return { result: 'unfunded' };
    }
    throw error;
  }

  /** What could not be paid for is paid for, or not wanted any more. */
  #funded(effect: string): void {
    this.#unfunded.delete(effect);
    if (this.#unfunded.size === 0 && this.vitals.set('funds', true)) this.log.info('funds suffice');
  }

  /** Nobody wants these any more. */
  forget(...effects: readonly string[]): void {
    for (const effect of effects) {
      this.#attempts.delete(effect);
      if (this.#unfunded.has(effect)) this.#funded(effect);
    }
  }
}

/** What the chain refused although the dry run passed is tried again ever more slowly: each attempt costs gas. */
function isTooSoon(attempt: number, failedAt: Date): boolean {
  return Date.now() - failedAt.getTime() < Math.min(PATIENCE_MOST_MS, PATIENCE_MS * 2 ** (attempt - 1));
}

function encode({ abi, functionName, args }: Call): Hex {
  return encodeFunctionData({ abi: abi as Abi, functionName, args: [...args] });
}
