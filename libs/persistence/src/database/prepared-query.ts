import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

interface DriverWithPool {
  readonly master: Pool;
}

/** Whether the server keeps a session for each connection: only then can a connection rely on what it prepared. */
const known = new WeakMap<DataSource, Promise<boolean>>();

/**
 * Runs a statement that is planned once for each connection and not each time: planning a large one takes longer than running
 * it. Where all connections share one session, as on the embedded database, it is planned each time.
 *
 * @param name of the statement, unique in the process
 */
export async function preparedQuery<Row extends object>(
  dataSource: DataSource,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  if (!(await keepsSessions(dataSource))) return dataSource.query<Row[]>(text, [...values]);
  const { master } = dataSource.driver as unknown as DriverWithPool;
  return (await master.query<Row>({ name, text, values: [...values] })).rows;
}

function keepsSessions(dataSource: DataSource): Promise<boolean> {
  let answer = known.get(dataSource);
  if (answer === undefined) {
    answer = ask(dataSource);
    known.set(dataSource, answer);
    // A failure is no answer.
    answer.catch(() => known.delete(dataSource));
  }
  return answer;
}

async function ask(dataSource: DataSource): Promise<boolean> {
  const [row] = await dataSource.query<{ version: string }[]>('select version()');
  return !/emscripten|emcc|wasm|pglite/i.test(row!.version);
}
