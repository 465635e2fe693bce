import type { Condition, ReadTable } from '@openimo/persistence';
import { type Connection, toConnection } from './connection.js';
import { type ListArguments, toPageQuery } from './list-arguments.js';
import type { Loaders } from './loaders.js';

type Field<Row> = keyof Row & string;

/** A page of everything. @param always conditions that the caller cannot lift */
export async function readPage<Row extends object>(
  table: ReadTable<Row>,
  list: ListArguments,
  always: readonly Condition<Row>[] = [],
): Promise<Connection<Row>> {
  const query = toPageQuery<Row>(list);
  return toConnection(await table.page({ ...query, where: [...query.where!, ...always] }), query.after);
}

/** A page of what belongs to a parent; the pages of all parents of a request are one statement. */
export async function readPageOf<Row extends object>(
  table: ReadTable<Row>,
  field: Field<Row>,
  parent: string | bigint,
  list: ListArguments,
  loaders: Loaders,
  always: readonly Condition<Row>[] = [],
): Promise<Connection<Row>> {
  const query = toPageQuery<Row>(list);
  const where = [...query.where!, ...always];
  const name = `${table.name} by ${field}: ${asText({ ...query, where })}`;
  const fetch = (parents: readonly (string | bigint)[]) => table.pages(field, parents, { ...query, where });
  return toConnection(await loaders.each(name, fetch).load(parent), query.after);
}

/** A row by a column in which no two rows are alike; null where there is none. */
export function readOne<Row extends object>(
  table: ReadTable<Row>,
  field: Field<Row>,
  key: string | bigint,
  loaders: Loaders,
): Promise<Row | null> {
  const fetch = (keys: readonly (string | bigint)[]) => table.findBy(field, keys);
  return loaders.one(`${table.name} by ${field}`, fetch, (row: Row) => row[field] as string | bigint).load(key);
}

/** Every row with a value in a column; for columns in which few rows are alike. */
export function readMany<Row extends object>(
  table: ReadTable<Row>,
  field: Field<Row>,
  key: string | bigint,
  loaders: Loaders,
): Promise<readonly Row[]> {
  const fetch = (keys: readonly (string | bigint)[]) => table.findBy(field, keys);
  return loaders.many(`${table.name} of ${field}`, fetch, (row: Row) => row[field] as string | bigint).load(key);
}

/** Every row with these values in two columns. */
export function readPair<Row extends object>(
  table: ReadTable<Row>,
  fields: readonly [Field<Row>, Field<Row>],
  pair: readonly [string | bigint, string | bigint],
  loaders: Loaders,
): Promise<readonly Row[]> {
  const keyOf = (row: Row) => `${String(row[fields[0]])} ${String(row[fields[1]])}`;
  const fetch = (keys: readonly string[]) =>
    table.findByPair(
      fields,
      [...new Set(keys)].map((key) => key.split(' ') as [string, string]),
    );
  return loaders.many(`${table.name} by ${fields.join(', ')}`, fetch, keyOf).load(`${pair[0]} ${pair[1]}`);
}

function asText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
