import { type DataSource, type EntityClass, READ_MODEL_ENTITIES } from '@openimo/persistence';

/** Everything that follows from the chain, row by row as text, in an order of its own. */
export async function dumpTables(dataSource: DataSource): Promise<Record<string, string[]>> {
  const names = (READ_MODEL_ENTITIES as readonly EntityClass[]).map(
    (entity) => dataSource.getMetadata(entity).tableName,
  );
  const dump: Record<string, string[]> = {};
  for (const name of ['blocks', 'raw_logs', 'index_undo', 'outcomes', ...names]) {
    const rows = await dataSource.query<{ row: string }[]>(`select t::text as row from ${name} t`);
    dump[name] = rows.map(({ row }) => row).sort();
  }
  return dump;
}
