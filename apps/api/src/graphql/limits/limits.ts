import { DomainError } from '@openimo/domain';
import { type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { Limits } from '../../config/config.js';
import { measureOperation } from './measure.js';

export type LimitErrorCode = 'QueryTooDeep' | 'TooManyAliases' | 'QueryTooExpensive' | 'BudgetSpent';

/**
 * @returns what the operation costs
 * @throws DomainError `QueryTooDeep`, `TooManyAliases`, `QueryTooExpensive`
 */
export function checkLimits(
  limits: Limits,
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const { depth, aliases, cost } = measureOperation(schema, document, operation, variables);
  if (depth > limits.depth) {
    throw tooMuch(
      'QueryTooDeep',
      `This query is ${depth} fields deep, and ${limits.depth} are allowed. Ask in two steps.`,
    );
  }
  if (aliases > limits.aliases) {
    throw tooMuch(
      'TooManyAliases',
      `This query has ${aliases} aliases, and ${limits.aliases} are allowed. Ask for lists with a filter instead.`,
    );
  }
  if (cost > limits.cost) {
    throw tooMuch(
      'QueryTooExpensive',
      `This query costs ${cost}, and ${limits.cost} is allowed: each field counts once for every row it may be read from. ` +
        'Ask for fewer rows with `first`, or for fewer lists inside lists.',
    );
  }
  return cost;
}

function tooMuch(code: LimitErrorCode, message: string): DomainError<LimitErrorCode> {
  return new DomainError(code, message);
}
