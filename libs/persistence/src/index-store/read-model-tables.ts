import type { DataSource } from 'typeorm';
import { EVENT_ENTITIES, INDEX_ENTITIES, STATE_ENTITIES } from './index-entities.js';
import { type EntityClass, RowTable } from './row-table.js';

/** The tables of the read model by entity and by name. */
export class ReadModelTables {
  readonly #byEntity = new Map<EntityClass, RowTable<object>>();
  readonly #byName = new Map<string, RowTable<object>>();
  readonly events: readonly RowTable<object>[];
  readonly state: readonly RowTable<object>[];

  constructor(dataSource: DataSource) {
    for (const entity of INDEX_ENTITIES) {
      const table = new RowTable<object>(dataSource, entity);
      this.#byEntity.set(entity, table);
      this.#byName.set(table.name, table);
    }
    this.events = EVENT_ENTITIES.map((entity: EntityClass) => this.of(entity));
    this.state = STATE_ENTITIES.map((entity: EntityClass) => this.of(entity));
  }

  of<Row extends object>(entity: EntityClass<Row>): RowTable<Row> {
    const table = this.#byEntity.get(entity);
    if (table === undefined) throw new TypeError(`${entity.name} is not part of the read model.`);
    return table as unknown as RowTable<Row>;
  }

  named(name: string): RowTable<object> {
    const table = this.#byName.get(name);
    if (table === undefined) throw new TypeError(`There is no table ${name} in the read model.`);
    return table;
  }
}
