import { ApiKeyRepository } from '@openimo/persistence';
import type { CostCharger } from '../graphql/limits/cost-charger.js';
import type { RequestContext } from '../graphql/request-context.js';
import { keyBudgetSpent } from './api-key.errors.js';

/** What holds for everybody, and besides the budget of the API key an operation is asked with: in rows, so across processes. */
export class KeyBudgets implements CostCharger {
  constructor(
    private readonly everybody: CostCharger,
    private readonly keys: ApiKeyRepository,
  ) {}

  /** @throws DomainError `ApiKeyBudgetSpent`; nothing of the key's budget is taken then */
  async charge(context: RequestContext, cost: number): Promise<void> {
    await this.everybody.charge(context, cost);
    const key = context.viewer?.budget;
    if (key === undefined || cost === 0) return;
    const { refused, spent, periodEnd } = await this.keys.charge(key, cost);
    if (refused) throw keyBudgetSpent(key.budget!, spent, cost, periodEnd);
  }
}
