import type { EntityManager } from 'typeorm';
import type { ReadModelTables } from './read-model-tables.js';
import type { RowTable, RowText } from './row-table.js';

/** A row as it was before a block: of a row that was not there only the key. */
export type Before = readonly [table: string, row: RowText] | readonly [table: string, key: RowText, absent: 0];

/** Collects what one block changes, each row once. */
export class UndoRecord {
  readonly #changes: Before[] = [];

  constructor(readonly blockNumber: bigint) {}

  add<Row extends object>(table: RowTable<Row>, after: Row, before: Row | undefined): void {
    this.#changes.push(
      before === undefined ? [table.name, table.keyTextOf(after), 0] : [table.name, table.textOf(before)],
    );
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0;
  }

  toJSON(): readonly Before[] {
    return this.#changes;
  }
}

/** Puts back what blocks changed. @param records of the blocks to take back, lowest first */
export async function undo(
  manager: EntityManager,
  tables: ReadModelTables,
  records: Iterable<readonly Before[]>,
): Promise<void> {
  // The first record that names a row has it as it was before all of them.
  const restored = new Map<string, Map<string, Before>>();
  for (const changes of records) {
    for (const before of changes) {
      const rows = getOrAdd(restored, before[0], () => new Map<string, Before>());
      const key = before.length === 3 ? before[1].join('|') : tables.named(before[0]).keyOfText(before[1]);
      if (!rows.has(key)) rows.set(key, before);
    }
  }
  for (const [name, rows] of restored) {
    const table = tables.named(name);
    const all = [...rows.values()];
    await table.deleteText(
      manager,
      all.filter((before) => before.length === 3).map((before) => before[1]),
    );
    await table.upsertText(
      manager,
      all.filter((before) => before.length === 2).map((before) => before[1]),
    );
  }
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
