import { Loaders } from '../loaders.js';
import type { RequestContext } from '../request-context.js';
import { MinuteBudgets } from './cost-charger.js';

const anonymous = (client: string): RequestContext => ({ viewer: null, client, loaders: new Loaders() });

describe('budgets of a minute', () => {
  let now = 0;
  const budgets = () => new MinuteBudgets(600, () => now);

  it('are spent, and fill up evenly', async () => {
    const all = budgets();
    await all.charge(anonymous('a'), 600);
    await expect(all.charge(anonymous('a'), 10)).rejects.toMatchObject({ code: 'BudgetSpent', data: { seconds: 1 } });
    now += 1_000;
    await all.charge(anonymous('a'), 10);
    await expect(all.charge(anonymous('a'), 1)).rejects.toMatchObject({ retryable: true });
  });

  it('are each client’s own, and ten times as much for whoever has signed in', async () => {
    const all = budgets();
    await all.charge(anonymous('a'), 600);
    await all.charge(anonymous('b'), 600);
    const viewer = { via: 'session', address: '0xaa', scopes: [] } as const;
    await all.charge({ ...anonymous('0xaa'), viewer }, 6_000);
    await expect(all.charge({ ...anonymous('0xaa'), viewer }, 1)).rejects.toMatchObject({ code: 'BudgetSpent' });
  });

  it('take nothing for what is refused', async () => {
    const all = budgets();
    await expect(all.charge(anonymous('a'), 601)).rejects.toMatchObject({ code: 'BudgetSpent' });
    await all.charge(anonymous('a'), 600);
  });
});
