import type { Type } from '@nestjs/common';
import { ArgsType, Field, Int, registerEnumType } from '@nestjs/graphql';
import { DomainError } from '@openimo/domain';
import type { PageQuery } from '@openimo/persistence';
import { toConditions, type Where } from './where.js';

export type ListErrorCode = 'FirstOutOfRange';

export const MOST_ROWS = 100;
const DEFAULT_ROWS = 20;

export enum OrderDirection {
  asc = 'asc',
  desc = 'desc',
}
registerEnumType(OrderDirection, { name: 'OrderDirection' });

/** How to page: which rows, in which order. */
export interface ListArguments {
  readonly first: number;
  readonly after?: string;
  readonly where?: Where;
  readonly orderBy: string;
  readonly orderDirection: OrderDirection;
}

export interface ListOptions {
  /** Of the noun, e.g. `Family`: what the enum of its orders is named after. */
  readonly name: string;
  readonly where?: Type<Where>;
  /** Properties of the entity that are never null; the first is the default. */
  readonly orders: readonly string[];
  readonly direction?: 'asc' | 'desc';
}

/** An arguments class to extend: `first`, `after`, `where`, `orderBy`, `orderDirection`. */
export function listArguments({ name, where, orders, direction = 'asc' }: ListOptions): Type<ListArguments> {
  const order = Object.fromEntries(orders.map((property) => [property, property]));
  registerEnumType(order, { name: `${name}OrderBy` });

  @ArgsType()
  class Arguments {
    @Field(() => Int, { defaultValue: DEFAULT_ROWS, description: `At most ${MOST_ROWS}.` })
    first: number;

    @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before.' })
    after?: string;

    @Field(() => order, { defaultValue: orders[0] })
    orderBy: string;

    @Field(() => OrderDirection, { defaultValue: direction })
    orderDirection: OrderDirection;
  }
  if (where !== undefined) Field(() => where, { nullable: true })(Arguments.prototype, 'where');
  return Arguments;
}

/**
 * The page that a caller asks for, as a repository understands it.
 * @throws DomainError `FirstOutOfRange`, `FilterTooLong`
 */
export function toPageQuery<Row>(list: ListArguments): PageQuery<Row> {
  return {
    where: toConditions<Row>(list.where),
    orderBy: list.orderBy as keyof Row & string,
    direction: list.orderDirection,
    first: checkFirst(list.first),
    after: list.after ?? undefined,
  };
}

export function checkFirst(first: number): number {
  if (Number.isInteger(first) && first >= 1 && first <= MOST_ROWS) return first;
  throw new DomainError<ListErrorCode>('FirstOutOfRange', `first is ${first}; ask for 1 to ${MOST_ROWS} at a time.`);
}
