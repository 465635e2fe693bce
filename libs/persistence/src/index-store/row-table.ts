import type { DataSource, EntityManager } from 'typeorm';

export type EntityClass<Row extends object = object> = new () => Row;

/** How one column's values look in SQL text, and back. Null never gets here. */
interface ColumnCodec {
  readonly property: string;
  readonly name: string;
  readonly type: string;
  readonly toText: (value: unknown) => string;
  /** Of the text, inside an array literal. */
  readonly quote: (text: string) => string;
  readonly read: (stored: unknown) => unknown;
}

export type RowText = readonly (string | null)[];

/**
 * Writes and reads many rows of one entity with one statement: each column travels as one array. Several times faster than
 * rows of parameters, and the same on the embedded database, which has no COPY.
 */
export class RowTable<Row extends object> {
  readonly name: string;
  readonly #columns: readonly ColumnCodec[];
  readonly #key: readonly ColumnCodec[];
  readonly #insert: string;
  readonly #upsert: string;
  readonly #select: string;
  readonly #delete: string;

  constructor(dataSource: DataSource, entity: EntityClass<Row>) {
    const metadata = dataSource.getMetadata(entity);
    this.name = metadata.tableName;
    const codecs = new Map(metadata.columns.map((column) => [column.databaseName, codecOf(column)]));
    this.#columns = [...codecs.values()];
    this.#key = metadata.primaryColumns.map(({ databaseName }) => codecs.get(databaseName)!);

    const names = this.#columns.map(({ name }) => name);
    const keys = this.#key.map(({ name }) => name);
    const others = names.filter((name) => !keys.includes(name));
    const match = keys.map((name) => `t.${name} = k.${name}`).join(' and ');
    const keyRows = `unnest(${arrays(this.#key)}) as k(${keys.join(', ')})`;
    this.#insert = `insert into ${this.name} (${names.join(', ')}) select * from unnest(${arrays(this.#columns)})`;
    this.#upsert =
      `${this.#insert} on conflict (${keys.join(', ')}) ` +
      (others.length === 0 ? 'do nothing' : `do update set ${others.map((n) => `${n} = excluded.${n}`).join(', ')}`);
    this.#select = `select ${names.map((name) => `t.${name}`).join(', ')} from ${keyRows} join ${this.name} t on ${match}`;
    this.#delete = `delete from ${this.name} t using ${keyRows} where ${match}`;
  }

  /** Of a row, or of an object that has its key. */
  keyOf(row: Partial<Row>): string {
    const key = this.#key;
    let text = toText(key[0]!, row) ?? '';
    for (let i = 1; i < key.length; i++) text += `|${toText(key[i]!, row) ?? ''}`;
    return text;
  }

  /** As `keyOf`. @param row what `textOf` gave */
  keyOfText(row: RowText): string {
    return this.#key.map((column) => row[this.#columns.indexOf(column)] ?? '').join('|');
  }

  /** All columns of a row, as texts. */
  textOf(row: Row): RowText {
    return this.#columns.map((column) => toText(column, row));
  }

  keyTextOf(row: Partial<Row>): RowText {
    return this.#key.map((column) => toText(column, row));
  }

  async insert(manager: EntityManager, rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await manager.query(this.#insert, literals(this.#columns, rows));
  }

  async upsert(manager: EntityManager, rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await manager.query(this.#upsert, literals(this.#columns, rows));
  }

  /** @param rows what `textOf` gave */
  async upsertText(manager: EntityManager, rows: readonly RowText[]): Promise<void> {
    if (rows.length > 0) await manager.query(this.#upsert, textLiterals(this.#columns, rows));
  }

  /** @param keys what `keyTextOf` gave */
  async deleteText(manager: EntityManager, keys: readonly RowText[]): Promise<void> {
    if (keys.length > 0) await manager.query(this.#delete, textLiterals(this.#key, keys));
  }

  /** The rows there are of these keys, in no order. */
  async find(manager: EntityManager, keys: readonly Partial<Row>[]): Promise<Row[]> {
    if (keys.length === 0) return [];
    const found = await manager.query<Record<string, unknown>[]>(this.#select, literals(this.#key, keys));
    return found.map((stored) => this.#fromStored(stored));
  }

  #fromStored(stored: Record<string, unknown>): Row {
    const row: Record<string, unknown> = {};
    for (const { property, name, read } of this.#columns) {
      const value = stored[name];
      row[property] = value === null ? null : read(value);
    }
    return row as Row;
  }
}

function arrays(columns: readonly ColumnCodec[]): string {
  return columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ');
}

function toText(column: ColumnCodec, row: object): string | null {
  const value = (row as Record<string, unknown>)[column.property];
  return value === null || value === undefined ? null : column.toText(value);
}

function literals(columns: readonly ColumnCodec[], rows: readonly object[]): string[] {
  return columns.map((column) => {
    const parts = new Array<string>(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const text = toText(column, rows[i]!);
      parts[i] = text === null ? 'NULL' : column.quote(text);
    }
    return `{${parts.join(',')}}`;
  });
}

function textLiterals(columns: readonly ColumnCodec[], rows: readonly RowText[]): string[] {
  return columns.map((column, i) => {
    const parts = rows.map((row) => {
      const text = row[i] ?? null;
      return text === null ? 'NULL' : column.quote(text);
    });
    return `{${parts.join(',')}}`;
  });
}

interface ColumnLike {
  readonly propertyName: string;
  readonly databaseName: string;
  readonly type: unknown;
  readonly transformer?: unknown;
}

const asIs = (text: string): string => text;
const plain = (value: unknown): string => String(value);
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

function codecOf(column: ColumnLike): ColumnCodec {
  const { propertyName: property, databaseName: name } = column;
  const type = String(column.type);
  const read = (column.transformer as { from(stored: unknown): unknown } | undefined)?.from ?? ((stored) => stored);
  const codec = { property, name, type, read };
  switch (type) {
    case 'numeric':
    case 'bigint':
      return { ...codec, toText: plain, quote: asIs };
    case 'boolean':
      return { ...codec, toText: plain, quote: asIs };
    case 'timestamptz':
      return { ...codec, toText: (value) => (value as Date).toISOString(), quote: asIs };
    case 'bytea':
      return { ...codec, toText: (value) => `\\x${(value as string).slice(2)}`, quote: (text) => `"\\${text}"` };
    case 'jsonb':
      return { ...codec, toText: (value) => JSON.stringify(value), quote: quoted };
    case 'text':
      return { ...codec, toText: column.transformer === undefined ? plain : lower, quote: quoted };
    default:
      throw new TypeError(`Column ${name} has type ${type}, which cannot be written in bulk.`);
  }
}

function lower(value: unknown): string {
  return (value as string).toLowerCase();
}
