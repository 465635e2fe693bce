import { DomainError } from '@openimo/domain';
import type { RequestContext } from '../request-context.js';
import type { LimitErrorCode } from './limits.js';

/** Port: takes what an operation costs from the budget of whoever asks, before it runs. */
export interface CostCharger {
  /** @throws DomainError `BudgetSpent`, or the implementation's own, where the budget does not suffice */
  charge(context: RequestContext, cost: number): Promise<void>;
}

const MINUTE_MS = 60_000;
const SIGNED_IN_FACTOR = 10;
const MOST_CLIENTS = 50_000;

interface Budget {
  left: number;
  at: number;
}

/** A budget per client that fills up evenly over a minute. In memory: each process has its own. */
export class MinuteBudgets implements CostCharger {
  /** Least recently seen first. */
  readonly #budgets = new Map<string, Budget>();

  constructor(
    private readonly costPerMinute: number,
    private readonly now: () => number = Date.now,
  ) {}

  async charge({ client, viewer }: RequestContext, cost: number): Promise<void> {
    const most = this.costPerMinute * (viewer === null ? 1 : SIGNED_IN_FACTOR);
    const budget = this.#budgetOf(client, most);
    if (cost > budget.left) {
      const seconds = Math.ceil(((Math.min(cost, most) - budget.left) / most) * (MINUTE_MS / 1_000));
      throw new DomainError<LimitErrorCode>(
        'BudgetSpent',
        `Your queries of the last minute have spent your budget of ${most} a minute. Wait ${seconds} s` +
          `${viewer === null ? ', or sign in: then it is ten times as much' : ''}.`,
        { retryable: true, data: { seconds } },
      );
    }
    budget.left -= cost;
  }

  #budgetOf(client: string, most: number): Budget {
    const at = this.now();
    const before = this.#budgets.get(client) ?? { left: most, at };
    const budget = { left: Math.min(most, before.left + ((at - before.at) / MINUTE_MS) * most), at };
    this.#budgets.delete(client);
    this.#budgets.set(client, budget);
    if (this.#budgets.size > MOST_CLIENTS) this.#budgets.delete(this.#budgets.keys().next().value!);
    return budget;
  }
}
