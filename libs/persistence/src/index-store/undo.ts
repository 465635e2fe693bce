import type { EntityManager } from 'typeorm';
import type { ReadModelTables } from './read-model-tables.js';
import type { RowTable, RowText } from './row-table.js';

/** What one block changed, by table: rows as they were before it, and the keys of rows that were not there. */
export type Before = Readonly<Record<string, { readonly rows: RowText[]; readonly absent: RowText[] }>>;

/** Collects what one block changes, each row once. */
export class UndoRecord {
  readonly #tables: Record<string, { rows: RowText[]; absent: RowText[] }> = {};

  constructor(readonly blockNumber: bigint) {}

  add<Row extends object>(table: RowTable<Row>, after: Row, before: Row | undefined): void {
    const of = (this.#tables[table.name] ??= { rows: [], absent: [] });
    if (before === undefined) of.absent.push(table.keyTextOf(after));
    else of.rows.push(table.textOf(before));
  }

  get isEmpty(): boolean {
    return Object.keys(this.#tables).length === 0;
  }

  toJSON(): Before {
    return this.#tables;
  }
}

/** Puts back what blocks changed. @param records of the blocks to take back, lowest first */
export async function undo(manager: EntityManager, tables: ReadModelTables, records: Iterable<Before>): Promise<void> {
  // The first record that names a row has it as it was before all of them.
  const seen = new Map<string, Set<string>>();
  const restored = new Map<string, { rows: RowText[]; absent: RowText[] }>();
  for (const record of records) {
    for (const [name, { rows, absent }] of Object.entries(record)) {
      const table = tables.named(name);
      const keys = getOrAdd(seen, name, () => new Set<string>());
      const to = getOrAdd(restored, name, () => ({ rows: [] as RowText[], absent: [] as RowText[] }));
      for (const row of rows) if (isNew(keys, table.keyOfText(row))) to.rows.push(row);
      for (const key of absent) if (isNew(keys, key.join('|'))) to.absent.push(key);
    }
  }
  for (const [name, { rows, absent }] of restored) {
    await tables.named(name).deleteText(manager, absent);
    await tables.named(name).upsertText(manager, rows);
  }
}

function isNew(keys: Set<string>, key: string): boolean {
  if (keys.has(key)) return false;
  keys.add(key);
  return true;
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
