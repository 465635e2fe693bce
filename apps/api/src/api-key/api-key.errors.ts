import { DomainError } from '@openimo/domain';

export type ApiKeyErrorCode =
  | 'ApiKeyInputInvalid'
  /** The key has spent what it may spend in this period. data: { budget, spent, cost, periodEnd } */
  | 'ApiKeyBudgetSpent';

export const inputInvalid = (message: string) => new DomainError<ApiKeyErrorCode>('ApiKeyInputInvalid', message);

export const keyBudgetSpent = (budget: number, spent: number, cost: number, periodEnd: Date) =>
  new DomainError<ApiKeyErrorCode>(
    'ApiKeyBudgetSpent',
    `The API key has spent ${spent} of its ${budget} units and this costs ${cost}. Wait until ${periodEnd.toISOString()}, ` +
      'ask for less, or make a key with a larger budget.',
    { data: { budget, spent, cost, periodEnd: periodEnd.toISOString() } },
  );
