import { DomainError } from '@openimo/domain';
import type { DataSource } from 'typeorm';
import { classified } from '../database/database-error.js';
import type { EntityClass } from '../index-store/row-table.js';
import { type Condition, decodeCursor, encodeCursor, type Page, type PageQuery, type QueryErrorCode } from './page.js';

interface ReadColumn {
  readonly property: string;
  readonly name: string;
  readonly type: string;
  readonly toParameter: (value: unknown) => unknown;
  readonly fromStored: (stored: unknown) => unknown;
}

type Stored = Record<string, unknown>;

/** Position of a row in its order, beside its columns. */
const POSITION = '_position';
const PARENT = '_parent';

/**
 * Reads rows of one table: pages by key set (as fast on the last page as on the first), pages of many parents with one
 * statement, and rows by a column.
 */
export class ReadTable<Row extends object> {
  readonly #name: string;
  readonly #columns: ReadonlyMap<string, ReadColumn>;
  readonly #key: readonly ReadColumn[];
  readonly #select: string;

  /** Unique among all tables: what caches may go by. */
  get name(): string {
    return this.#name;
  }

  constructor(
    protected readonly dataSource: DataSource,
    entity: EntityClass<Row>,
  ) {
    const metadata = dataSource.getMetadata(entity);
    this.#name = metadata.tableName;
    this.#columns = new Map(metadata.columns.map((column) => [column.propertyName, readColumn(column)]));
    this.#key = metadata.primaryColumns.map(({ propertyName }) => this.#column(propertyName));
    this.#select = [...this.#columns.values()].map(({ name }) => `t.${name}`).join(', ');
  }

  /** @throws DomainError `CursorInvalid`, `FilterInvalid` */
  page(query: PageQuery<Row>): Promise<Page<Row>> {
    return classified(async () => {
      const parameters: unknown[] = [];
      const rows = await this.dataSource.query<Stored[]>(this.#pageSql(query, parameters), parameters);
      return this.#toPage(rows, query);
    });
  }

  /**
   * The same page for many parents, in one statement.
   * @param field the column that names the parent
   * @returns a page for each of `parents`, in their order
   */
  pages(field: keyof Row & string, parents: readonly unknown[], query: PageQuery<Row>): Promise<Page<Row>[]> {
    return classified(async () => {
      const column = this.#column(field);
      const parameters: unknown[] = [parents.map(column.toParameter)];
      const inner = this.#pageSql(query, parameters, `t.${column.name} = p.parent`);
      const sql =
        `select x.*, p.number as ${PARENT} from unnest($1::${column.type}[]) with ordinality as p(parent, number) ` +
        `cross join lateral (${inner}) x`;
      const byParent = parents.map((): Stored[] => []);
      for (const row of await this.dataSource.query<Stored[]>(sql, parameters)) {
        byParent[Number(row[PARENT]) - 1]!.push(row);
      }
      return byParent.map((rows) => this.#toPage(rows, query));
    });
  }

  /** Every row whose `field` is one of `values`, ordered by key. For columns in which few rows are alike. */
  findBy(field: keyof Row & string, values: readonly unknown[]): Promise<Row[]> {
    return classified(async () => {
      const { name, type, toParameter } = this.#column(field);
      const order = this.#key.map((key) => `t.${key.name}`).join(', ');
      const rows = await this.dataSource.query<Stored[]>(
        `select ${this.#select} from ${this.#name} t where t.${name} = any($1::${type}[]) order by ${order}`,
        [values.map(toParameter)],
      );
      return rows.map((row) => this.#toRow(row));
    });
  }

  /** Rows by two columns at once, e.g. a token and a holder. */
  findByPair(
    fields: readonly [keyof Row & string, keyof Row & string],
    pairs: readonly (readonly [unknown, unknown])[],
  ): Promise<Row[]> {
    return classified(async () => {
      const [a, b] = fields.map((field) => this.#column(field)) as [ReadColumn, ReadColumn];
      const rows = await this.dataSource.query<Stored[]>(
        `select ${this.#select} from unnest($1::${a.type}[], $2::${b.type}[]) as k(a, b) ` +
          `join ${this.#name} t on t.${a.name} = k.a and t.${b.name} = k.b`,
        [pairs.map(([value]) => a.toParameter(value)), pairs.map(([, value]) => b.toParameter(value))],
      );
      return rows.map((row) => this.#toRow(row));
    });
  }

  /** From a row of a statement of one's own that selects this table's columns. */
  #toRow(stored: Stored): Row {
    const row: Stored = {};
    for (const { property, name, fromStored } of this.#columns.values()) row[property] = fromStored(stored[name]);
    return row as Row;
  }

  #pageSql(query: PageQuery<Row>, parameters: unknown[], parent?: string): string {
    const { where = [], direction = 'asc', first, after } = query;
    const order = this.#order(query);
    const conditions = where.map((condition) => this.#condition(condition, parameters));
    if (parent !== undefined) conditions.push(parent);
    if (after !== undefined) {
      const position = decodeCursor(after, orderName(query), order.length);
      const values = order.map((column, i) => bind(parameters, fromCursor(column, position[i]!), column.type));
      const columns = order.map(({ name }) => `t.${name}`);
      const beyond = direction === 'asc' ? '>' : '<';
      // The first of the two is for the planner: it starts the index where the page starts.
      conditions.push(`${columns[0]} ${beyond}= ${values[0]}`);
      conditions.push(`(${columns.join(', ')}) ${beyond} (${values.join(', ')})`);
    }
    return (
      `select ${this.#select}, array[${order.map(({ name }) => `t.${name}::text`).join(', ')}] as ${POSITION} ` +
      `from ${this.#name} t${conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''} ` +
      `order by ${order.map(({ name }) => `t.${name} ${direction}`).join(', ')} limit ${first + 1}`
    );
  }

  #order({ orderBy }: PageQuery<Row>): ReadColumn[] {
    const first = this.#column(orderBy);
    return [first, ...this.#key.filter((column) => column !== first)];
  }

  #toPage(rows: readonly Stored[], query: PageQuery<Row>): Page<Row> {
    const order = orderName(query);
    const edges = rows.slice(0, query.first).map((row) => ({
      node: this.#toRow(row),
      cursor: encodeCursor(order, row[POSITION] as string[]),
    }));
    return { edges, hasNextPage: rows.length > query.first };
  }

  #condition({ field, operator, value }: Condition<Row>, parameters: unknown[]): string {
    const column = this.#column(field);
    const at = `t.${column.name}`;
    if (value === null) return `${at} is ${operator === 'not' ? 'not ' : ''}null`;
    const one = (given: unknown) => bind(parameters, storable(column, given), column.type);
    const pattern = (text: string) => bind(parameters, storable(column, text), 'text');
    switch (operator) {
      case 'eq':
        return `${at} = ${one(value)}`;
      case 'not':
        return `${at} is distinct from ${one(value)}`;
      case 'gt':
        return `${at} > ${one(value)}`;
      case 'gte':
        return `${at} >= ${one(value)}`;
      case 'lt':
        return `${at} < ${one(value)}`;
      case 'lte':
        return `${at} <= ${one(value)}`;
      case 'in':
      case 'notIn': {
        const all = bind(
          parameters,
          (value as unknown[]).map((given) => storable(column, given)),
          `${column.type}[]`,
        );
        return operator === 'in' ? `${at} = any(${all})` : `not (${at} = any(${all}))`;
      }
      case 'contains':
        return `${at} ilike ${pattern(`%${literally(String(value))}%`)}`;
      case 'startsWith':
        return `${at} like ${pattern(`${literally(String(value))}%`)}`;
    }
  }

  #column(property: string): ReadColumn {
    const column = this.#columns.get(property);
    if (column === undefined) throw new TypeError(`${this.#name} has no ${property}.`);
    return column;
  }
}

function orderName<Row>({ orderBy, direction = 'asc' }: PageQuery<Row>): string {
  return `${orderBy} ${direction}`;
}

function bind(parameters: unknown[], value: unknown, type: string): string {
  return `$${parameters.push(value)}::${type}`;
}

/** `%` and `_` mean themselves. */
function literally(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** What the database would refuse in words of its own. */
function storable(column: ReadColumn, value: unknown): unknown {
  const refuse = (why: string) => {
    throw new DomainError<QueryErrorCode>('FilterInvalid', `${column.property} cannot be compared with that: ${why}.`);
  };
  if (typeof value === 'string' && value.includes('\u0000')) refuse('no text here contains a zero character');
  if (column.type === 'bigint' && (typeof value === 'bigint' || typeof value === 'number')) {
    if (!Number.isInteger(Number(value))) refuse('it is not a whole number');
    if (BigInt(value) < INT64.least || BigInt(value) > INT64.most) refuse('it needs more than 64 bits');
  }
  return column.toParameter(value);
}

const FORMS: Readonly<Record<string, (text: string) => boolean>> = {
  numeric: (text) => /^-?\d{1,200}$/.test(text),
  bigint: (text) => /^-?\d{1,18}$/.test(text),
  timestamptz: (text) => /^[-+:. \d]{10,40}$/.test(text) && !Number.isNaN(Date.parse(text)),
  boolean: (text) => text === 'true' || text === 'false',
  text: (text) => !text.includes('\u0000'),
};

function fromCursor({ type }: ReadColumn, text: string): string {
  if (FORMS[type]?.(text)) return text;
  throw new DomainError<QueryErrorCode>('CursorInvalid', 'This cursor is damaged. Start again without `after`.');
}

interface ColumnLike {
  readonly propertyName: string;
  readonly databaseName: string;
  readonly type: unknown;
  readonly transformer?: unknown;
}

function readColumn({ propertyName, databaseName, type, transformer }: ColumnLike): ReadColumn {
  const { to, from } = (transformer ?? {}) as Partial<Record<'to' | 'from', (value: unknown) => unknown>>;
  return {
    property: propertyName,
    name: databaseName,
    type: String(type),
    toParameter: to ?? ((value) => value),
    fromStored: from ?? ((stored) => stored),
  };
}
