import { type EntityClass, type ReadModelTables, type RowTable, UndoRecord } from '@openimo/persistence';

/** Some rows must be read from the database before the events can be applied; see `Ledger.missing`. */
export class RowUnknown extends Error {}

/** Thrown many times in a batch, and caught each time: its stack would cost more than the work. */
const ROW_UNKNOWN = new RowUnknown('a row must be fetched first');

/** One row, from the first time anybody asks for it. */
interface Entry {
  /** As in the database, or on its way there; undefined: there is no such row. */
  stored: object | undefined;
  /** As it is after the events so far. */
  row: object | undefined;
  /** Of the last block that changed it; see `Ledger.#turn`. */
  turn: number;
  /** Whether it is known: the database was asked, or an event made it. */
  isKnown: boolean;
  isChanged: boolean;
  /** To fetch it by. */
  readonly key: object;
}

interface Table {
  readonly entity: EntityClass;
  readonly rows: RowTable<object>;
  readonly entries: Map<string, Entry>;
  changed: Entry[];
  missing: Set<Entry>;
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
  /** Counts blocks, those of batches that were started over too: no entry is mistaken for one of this block. */
  #turn = 0;
  #size = 0;
  #isIncomplete = false;

  constructor(private readonly readModel: ReadModelTables) {}

  /** @param keepsUndo false for a block that is final: nothing will ever take it back */
  beginBlock(blockNumber: bigint, keepsUndo: boolean): void {
    this.#turn++;
    this.#block = keepsUndo ? new UndoRecord(blockNumber) : undefined;
    if (this.#block) this.#undo.push(this.#block);
  }

  /** @throws RowUnknown when it must be fetched first */
  find<Row extends object>(entity: EntityClass<Row>, key: Partial<Row>): Row | undefined {
    const table = this.#table(entity);
    return this.#read(table, this.#entry(table, key)) as Row | undefined;
  }

  /** A row that must be there. */
  get<Row extends object>(entity: EntityClass<Row>, key: Partial<Row>): Row {
    const table = this.#table(entity);
    return this.#need(table, this.#entry(table, key)) as Row;
  }

  /** As `get` for many at once: what is missing of them is fetched together. */
  getAll<Row extends object>(entity: EntityClass<Row>, keys: readonly Partial<Row>[]): Row[] {
    const table = this.#table(entity);
    const unknown = keys.map((key) => this.#entry(table, key)).filter((entry) => !entry.isKnown && !entry.isChanged);
    for (const entry of unknown) table.missing.add(entry);
    return keys.map((key) => this.get(entity, key));
  }

  set<Row extends object>(entity: EntityClass<Row>, row: Row): void {
    const table = this.#table(entity);
    this.#write(table, this.#entry(table, row), row);
  }

  update<Row extends object>(
    entity: EntityClass<Row>,
    key: Partial<Row>,
    change: (row: Row) => Partial<NoInfer<Row>>,
  ): void {
    const table = this.#table(entity);
    const entry = this.#entry(table, key);
    const row = this.#need(table, entry) as Row;
    this.#write(table, entry, { ...row, ...change(row) });
  }

  /** As `update` for a row that may not be there yet. */
  upsert<Row extends object>(entity: EntityClass<Row>, fresh: Row, change: (row: Row) => Partial<NoInfer<Row>>): void {
    const table = this.#table(entity);
    const entry = this.#entry(table, fresh);
    const row = (this.#read(table, entry) as Row | undefined) ?? fresh;
    this.#write(table, entry, { ...row, ...change(row) });
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
      .map(({ entity, missing }) => ({ entity, keys: [...missing].map(({ key }) => key) }));
  }

  /** Takes what was fetched; a key without a row has none. */
  learn<Row extends object>(entity: EntityClass<Row>, keys: readonly Partial<Row>[], rows: readonly Row[]): void {
    const table = this.#table(entity);
    for (const key of keys) this.#entry(table, key).isKnown = true;
    for (const row of rows) {
      const entry = this.#entry(table, row);
      entry.stored = entry.row = row;
    }
  }

  /** Forgets the batch, not what was fetched. */
  restart(): void {
    for (const table of this.#tables.values()) {
      for (const entry of table.changed) {
        entry.row = entry.stored;
        entry.isChanged = false;
      }
      table.changed = [];
      table.missing = new Set();
    }
    this.#newBatch();
  }

  /** What the batch amounts to. */
  changes(): Changes {
    return {
      changed: new Map(
        [...this.#tables.values()]
          .filter(({ changed }) => changed.length > 0)
          .map(({ entity, changed }) => [entity, changed.map(({ row }) => row!)]),
      ),
      events: this.#events,
      undo: this.#undo,
    };
  }

  /** The batch is on its way to the database; what comes next builds on it. */
  committed(): void {
    for (const table of this.#tables.values()) {
      for (const entry of table.changed) {
        entry.stored = entry.row;
        entry.isKnown = true;
        entry.isChanged = false;
      }
      table.changed = [];
    }
    this.#newBatch();
    if (this.#size > MOST_ROWS) this.forget();
  }

  /** The database is not what it seemed: everything is to be read again. */
  forget(): void {
    this.#tables.clear();
    this.#size = 0;
    this.#newBatch();
  }

  #newBatch(): void {
    this.#events = new Map();
    this.#undo = [];
    this.#block = undefined;
    this.#isIncomplete = false;
  }

  #read({ missing }: Table, entry: Entry): object | undefined {
    if (entry.isKnown || entry.isChanged) return entry.row;
    missing.add(entry);
    this.#isIncomplete = true;
    throw ROW_UNKNOWN;
  }

  #need(table: Table, entry: Entry): object {
    const row = this.#read(table, entry);
    if (row !== undefined) return row;
    // While rows are still unknown the events that made this one may have been skipped.
    if (this.#isIncomplete) throw ROW_UNKNOWN;
    throw new Error(
      `${table.rows.name} has no row ${table.rows.keyOf(entry.key)}: an event before this one is missing.`,
    );
  }

  #write(table: Table, entry: Entry, row: object): void {
    if (this.#block !== undefined && entry.turn !== this.#turn) {
      entry.turn = this.#turn;
      this.#block.add(table.rows, row, entry.row);
    }
    entry.row = row;
    if (entry.isChanged) return;
    entry.isChanged = true;
    table.changed.push(entry);
  }

  #entry(table: Table, key: object): Entry {
    const id = table.rows.keyOf(key);
    let entry = table.entries.get(id);
    if (entry === undefined) {
      entry = { stored: undefined, row: undefined, turn: 0, isKnown: false, isChanged: false, key };
      table.entries.set(id, entry);
      this.#size++;
    }
    return entry;
  }

  #table(entity: EntityClass<object>): Table {
    let table = this.#tables.get(entity as EntityClass);
    if (table === undefined) {
      const rows = this.readModel.of(entity as EntityClass);
      table = { entity: entity as EntityClass, rows, entries: new Map(), changed: [], missing: new Set() };
      this.#tables.set(entity as EntityClass, table);
    }
    return table;
  }
}
