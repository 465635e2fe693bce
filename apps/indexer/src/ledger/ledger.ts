import { type EntityClass, type ReadModelTables, type RowTable, UndoRecord } from '@openimo/persistence';

/** Some rows must be read from the database before the events can be applied; see `Ledger.missing`. */
export class RowUnknown extends Error {}

/** Thrown many times in a batch, and caught each time: its stack would cost more than the work. */
const ROW_UNKNOWN = new RowUnknown('a row must be fetched first');

interface Table {
  readonly entity: EntityClass;
  readonly rows: RowTable<object>;
  /** As in the database; undefined: there is no such row. */
  readonly stored: Map<string, object | undefined>;
  /** Changed since the last commit. */
  readonly changed: Map<string, object>;
  /** Changed in the current block. */
  readonly touched: Set<string>;
  readonly missing: Map<string, object>;
}

/** What a commit writes. */
export interface Changes {
  readonly changed: ReadonlyMap<EntityClass, readonly object[]>;
  readonly events: ReadonlyMap<EntityClass, readonly object[]>;
  readonly undo: readonly UndoRecord[];
}

/** Rows kept in memory between commits. */
const MOST_ROWS = 400_000;

/**
 * The read model in memory, as far as it is needed: projections read and write rows here, one event after the other, and a
 * whole batch goes to the database at once. Rows that were never read are noted as missing; the caller fetches them and starts
 * the batch over, which costs little because nothing has been written.
 */
export class Ledger {
  readonly #tables = new Map<EntityClass, Table>();
  #events = new Map<EntityClass, object[]>();
  #undo: UndoRecord[] = [];
  #block: UndoRecord | undefined;
  #size = 0;
  #isIncomplete = false;

  constructor(private readonly readModel: ReadModelTables) {}

  /** @param keepsUndo false for a block that is final: nothing will ever take it back */
  beginBlock(blockNumber: bigint, keepsUndo: boolean): void {
    for (const table of this.#tables.values()) table.touched.clear();
    this.#block = keepsUndo ? new UndoRecord(blockNumber) : undefined;
    if (this.#block) this.#undo.push(this.#block);
  }

  /** @throws RowUnknown when it must be fetched first */
  find<Row extends object>(entity: EntityClass<Row>, key: Partial<Row>): Row | undefined {
    const table = this.#table(entity);
    const id = table.rows.keyOf(key);
    const row = table.changed.get(id);
    if (row !== undefined) return row as Row;
    if (!table.stored.has(id)) {
      table.missing.set(id, key);
      this.#isIncomplete = true;
      throw ROW_UNKNOWN;
    }
    return table.stored.get(id) as Row | undefined;
  }

  /** A row that must be there. */
  get<Row extends object>(entity: EntityClass<Row>, key: Partial<Row>): Row {
    const row = this.find(entity, key);
    if (row !== undefined) return row;
    // While rows are still unknown the events that made this one may have been skipped.
    if (this.#isIncomplete) throw ROW_UNKNOWN;
    const table = this.#table(entity).rows;
    throw new Error(`${table.name} has no row ${table.keyOf(key)}: an event before this one is missing.`);
  }

  set<Row extends object>(entity: EntityClass<Row>, row: Row): void {
    const table = this.#table(entity);
    const id = table.rows.keyOf(row);
    if (this.#block !== undefined && !table.touched.has(id)) {
      this.#block.add(table.rows, row, table.changed.get(id) ?? table.stored.get(id));
      table.touched.add(id);
    }
    table.changed.set(id, row);
  }

  update<Row extends object>(
    entity: EntityClass<Row>,
    key: Partial<Row>,
    change: (row: Row) => Partial<NoInfer<Row>>,
  ): void {
    const row = this.get(entity, key);
    this.set(entity, { ...row, ...change(row) });
  }

  /** As `update` for a row that may not be there yet. */
  upsert<Row extends object>(entity: EntityClass<Row>, fresh: Row, change: (row: Row) => Partial<NoInfer<Row>>): void {
    const row = this.find(entity, fresh) ?? fresh;
    this.set(entity, { ...row, ...change(row) });
  }

  /** A row of an event; nobody reads it here. */
  add<Row extends object>(entity: EntityClass<Row>, row: Row): void {
    const rows = this.#events.get(entity);
    if (rows === undefined) this.#events.set(entity, [row]);
    else rows.push(row);
  }

  /** Rows to fetch before the batch can be done. */
  missing(): { entity: EntityClass; keys: object[] }[] {
    return [...this.#tables.values()]
      .filter(({ missing }) => missing.size > 0)
      .map(({ entity, missing }) => ({ entity, keys: [...missing.values()] }));
  }

  /** Takes what was fetched; a key without a row has none. */
  learn(entity: EntityClass, keys: readonly object[], rows: readonly object[]): void {
    const table = this.#table(entity);
    for (const key of keys) table.stored.set(table.rows.keyOf(key), undefined);
    for (const row of rows) table.stored.set(table.rows.keyOf(row), row);
    this.#size += keys.length;
  }

  /** Forgets the batch, not what was fetched. */
  restart(): void {
    for (const table of this.#tables.values()) {
      table.changed.clear();
      table.touched.clear();
      table.missing.clear();
    }
    this.#events = new Map();
    this.#undo = [];
    this.#block = undefined;
    this.#isIncomplete = false;
  }

  /** What the batch amounts to. */
  changes(): Changes {
    return {
      changed: new Map(
        [...this.#tables.values()]
          .filter(({ changed }) => changed.size > 0)
          .map(({ entity, changed }) => [entity, [...changed.values()]]),
      ),
      events: this.#events,
      undo: this.#undo,
    };
  }

  /** The batch is on its way to the database; what comes next builds on it. */
  committed(): void {
    for (const { stored, changed } of this.#tables.values()) {
      for (const [id, row] of changed) {
        if (!stored.has(id)) this.#size++;
        stored.set(id, row);
      }
    }
    this.restart();
    if (this.#size > MOST_ROWS) this.forget();
  }

  /** The database is not what it seemed: everything is to be read again. */
  forget(): void {
    this.restart();
    this.#tables.clear();
    this.#size = 0;
  }

  #table(entity: EntityClass<object>): Table {
    let table = this.#tables.get(entity);
    if (table === undefined) {
      const rows = this.readModel.of(entity as EntityClass);
      const maps = { stored: new Map(), changed: new Map(), touched: new Set<string>(), missing: new Map() };
      this.#tables.set(entity, (table = { entity: entity as EntityClass, rows, ...maps }));
    }
    return table;
  }
}
