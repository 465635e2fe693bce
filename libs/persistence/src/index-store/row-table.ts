import type { DataSource, EntityManager } from 'typeorm';
import { BinaryArray } from './binary-array.js';

export type EntityClass<Row extends object = object> = new () => Row;

/** How one column's values look in SQL text, and back. Null never gets here. */
interface ColumnCodec {
  readonly property: string;
  readonly name: string;
  readonly type: string;
  readonly toText: (value: unknown) => string;
  /** Of the text, inside an array literal. */
  readonly quote: (text: string) => string;
  /** How the value goes into a binary array. Undefined: as text into an array literal. */
  readonly binary?: {
    readonly oid: number;
    readonly bytes: number;
    readonly write: (to: BinaryArray, value: unknown) => void;
  };
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
    if (rows.length > 0) await manager.query(this.#insert, arraysOf(this.#columns, rows));
  }

  async upsert(manager: EntityManager, rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await manager.query(this.#upsert, arraysOf(this.#columns, rows));
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
    const found = await manager.query<Record<string, unknown>[]>(this.#select, arraysOf(this.#key, keys));
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

function arrayOf(column: ColumnCodec, rows: readonly object[]): string | Buffer {
  const { property, binary } = column;
  if (binary === undefined) {
    const parts = new Array<string>(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const text = toText(column, rows[i]!);
      parts[i] = text === null ? 'NULL' : column.quote(text);
    }
    return `{${parts.join(',')}}`;
  }
  const array = new BinaryArray(binary.oid, rows.length, binary.bytes);
  for (let i = 0; i < rows.length; i++) {
    const value = (rows[i] as Record<string, unknown>)[property];
    if (value === null || value === undefined) array.null();
    else binary.write(array, value);
  }
  return array.toBuffer();
}

function arraysOf(columns: readonly ColumnCodec[], rows: readonly object[]): (string | Buffer)[] {
  return columns.map((column) => arrayOf(column, rows));
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

/** 2000-01-01 in milliseconds since 1970: from where PostgreSQL counts microseconds. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const JSONB_VERSION = 1;

const BINARY = {
  bigint: { oid: 20, bytes: 8, write: (to: BinaryArray, value: unknown) => to.int64(BigInt(value as bigint | number)) },
  boolean: { oid: 16, bytes: 1, write: (to: BinaryArray, value: unknown) => to.boolean(value as boolean) },
  timestamptz: {
    oid: 1_184,
    bytes: 8,
    write: (to: BinaryArray, value: unknown) =>
      to.int64(BigInt((value as Date).getTime() - POSTGRES_EPOCH_MS) * 1_000n),
  },
  bytea: { oid: 17, bytes: 32, write: (to: BinaryArray, value: unknown) => to.hex(value as string) },
  jsonb: {
    oid: 3_802,
    bytes: 64,
    write: (to: BinaryArray, value: unknown) => to.text(JSON.stringify(value), JSONB_VERSION),
  },
  text: { oid: 25, bytes: 48, write: (to: BinaryArray, value: unknown) => to.text(value as string) },
  hexText: { oid: 25, bytes: 66, write: (to: BinaryArray, value: unknown) => to.text((value as string).toLowerCase()) },
} as const;

function codecOf(column: ColumnLike): ColumnCodec {
  const { propertyName: property, databaseName: name } = column;
  const type = String(column.type);
  const read = (column.transformer as { from(stored: unknown): unknown } | undefined)?.from ?? ((stored) => stored);
  const codec = { property, name, type, read };
  switch (type) {
    case 'numeric':
      return { ...codec, toText: plain, quote: asIs };
    case 'bigint':
      return { ...codec, toText: plain, quote: asIs, binary: BINARY.bigint };
    case 'boolean':
      return { ...codec, toText: plain, quote: asIs, binary: BINARY.boolean };
    case 'timestamptz':
      return { ...codec, toText: (value) => (value as Date).toISOString(), quote: asIs, binary: BINARY.timestamptz };
    case 'bytea':
      return {
        ...codec,
        toText: (value) => `\\x${(value as string).slice(2)}`,
        quote: (text) => `"\\${text}"`,
        binary: BINARY.bytea,
      };
    case 'jsonb':
      return { ...codec, toText: (value) => JSON.stringify(value), quote: quoted, binary: BINARY.jsonb };
    case 'text': {
      const isHex = column.transformer !== undefined;
      return { ...codec, toText: isHex ? lower : plain, quote: quoted, binary: isHex ? BINARY.hexText : BINARY.text };
    }
    default:
      throw new TypeError(`Column ${name} has type ${type}, which cannot be written in bulk.`);
  }
}

function lower(value: unknown): string {
  return (value as string).toLowerCase();
}
