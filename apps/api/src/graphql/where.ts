import type { Type } from '@nestjs/common';
import { Field, ID, InputType, Int } from '@nestjs/graphql';
import { DomainError } from '@openimo/domain';
import type { Condition, Operator } from '@openimo/persistence';
import type { GraphQLScalarType } from 'graphql';
import { AddressScalar, BigIntScalar, DateTimeScalar, HexScalar } from './scalars.js';

export type WhereErrorCode = 'FilterTooLong';

/** An enum object, or a scalar. */
type FilterType = GraphQLScalarType | typeof Int | typeof Boolean | typeof String | Readonly<Record<string, string>>;

/** What a `where` argument holds, e.g. `{ requestCount_gte: 5, publisher: "0x…" }`. Its conditions all apply. */
export type Where = Readonly<Record<string, unknown>>;

const SUFFIXES: Readonly<Record<Operator, string>> = {
  eq: '',
  not: '_not',
  in: '_in',
  notIn: '_not_in',
  gt: '_gt',
  gte: '_gte',
  lt: '_lt',
  lte: '_lte',
  contains: '_contains',
  startsWith: '_starts_with',
};
const ORDERED: readonly Operator[] = ['eq', 'not', 'in', 'gt', 'gte', 'lt', 'lte'];
const IDENTITY: readonly Operator[] = ['eq', 'not', 'in', 'notIn'];
const TEXT: readonly Operator[] = ['eq', 'in', 'contains', 'startsWith'];
const MOST_VALUES = 100;

function operatorsOf(type: FilterType): readonly Operator[] {
  if (type === BigIntScalar || type === DateTimeScalar || type === Int) return ORDERED;
  if (type === AddressScalar || type === HexScalar || type === ID) return IDENTITY;
  if (type === String) return TEXT;
  if (type === Boolean) return ['eq'];
  return IDENTITY;
}

/**
 * An input type that filters by `fields`: a field alone means equality, `_not`, `_in`, `_gte` and so on as its type allows.
 *
 * @param fields by the property of the entity they compare
 */
export function whereInput(name: string, fields: Readonly<Record<string, FilterType>>): Type<Where> {
  class WhereInput {}
  for (const [field, type] of Object.entries(fields)) {
    for (const operator of operatorsOf(type)) {
      const isList = operator === 'in' || operator === 'notIn';
      const property = field + SUFFIXES[operator];
      Field(() => (isList ? [type] : type) as never, { nullable: true } as never)(WhereInput.prototype, property);
    }
  }
  InputType(name, { description: 'Conditions that all apply.' })(WhereInput);
  return WhereInput as unknown as Type<Where>;
}

const OPERATOR_BY_SUFFIX = (Object.entries(SUFFIXES) as [Operator, string][])
  .filter(([operator]) => operator !== 'eq')
  .sort(([, a], [, b]) => b.length - a.length);

/** @throws DomainError `FilterTooLong` */
export function toConditions<Row>(where: Where = {}): Condition<Row>[] {
  return Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const [operator, suffix] = OPERATOR_BY_SUFFIX.find(([, ending]) => key.endsWith(ending)) ?? (['eq', ''] as const);
      if (Array.isArray(value) && value.length > MOST_VALUES) {
        throw new DomainError<WhereErrorCode>(
          'FilterTooLong',
          `${key} has ${value.length} values; give at most ${MOST_VALUES}.`,
        );
      }
      const field = key.slice(0, key.length - suffix.length) as keyof Row & string;
      return { field, operator, value };
    });
}
