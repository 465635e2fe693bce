import { DataSource } from 'typeorm';

/**
 * What the tests of the embedded database kill: writes pairs of rows for ever, each pair in a transaction that is rolled back
 * every other time and fails in the middle every third. Nobody may ever see half a pair, or one that was rolled back.
 */
const [url, writer] = process.argv.slice(2) as [string, string];

const dataSource = await new DataSource({ type: 'postgres', url, poolSize: 1, installExtensions: false }).initialize();
const runner = dataSource.createQueryRunner();
process.stdout.write('ready\n');
for (let pair = 0; ; pair++) {
  await runner.startTransaction();
  const write = (half: number) =>
    runner.query('insert into pairs values ($1, $2, $3, $4)', [Number(writer), pair, half, pair % 2 === 0]);
  try {
    await write(1);
    if (pair % 3 === 0) await runner.query('select 1 / $1::int', [0]);
    await write(2);
    if (pair % 2 === 0) await runner.commitTransaction();
    else await runner.rollbackTransaction();
  } catch {
    await runner.rollbackTransaction();
  }
}
