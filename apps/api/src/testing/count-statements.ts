import pg from 'pg';

const TRIES = 5;

/**
 * How many SQL statements `work` takes. It is done several times, and the fewest count: what this process does besides only adds.
 */
export async function countStatements(work: () => Promise<unknown>): Promise<number> {
  const { prototype } = pg.Client as unknown as { prototype: { query: (...args: unknown[]) => unknown } };
  const { query } = prototype;
  let count = 0;
  prototype.query = function (this: unknown, ...args: unknown[]) {
    count++;
    return query.apply(this, args);
  };
  const counts: number[] = [];
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      count = 0;
      await work();
      counts.push(count);
    }
    return Math.min(...counts);
  } finally {
    prototype.query = query;
  }
}
