// npm run bench -- gas [--json]: measures, compares with the bars, and rewrites the committed gas table.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const contracts = fileURLToPath(new URL('../contracts', import.meta.url));

const benches = { gas: benchGas };

const [name] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const json = process.argv.includes('--json');
if (!Object.hasOwn(benches, name ?? '')) {
  console.error(`Say which: npm run bench -- ${Object.keys(benches).join(' | ')} [--json]`);
  process.exit(2);
}
const rows = await benches[name]();
if (json) console.log(JSON.stringify({ rows }));
else printTable(rows);
const missed = rows.filter(({ gas, bar }) => bar !== null && gas > bar);
for (const { name: row, gas, bar } of missed) console.error(`MISSED ${row}: ${gas} is over its bar of ${bar}`);

/** Whole transactions on a local chain, in gas. The table in contracts/gas.json follows, so that a change shows in review. */
async function benchGas() {
  build();
  const rows = [];
  const folder = join(contracts, 'bench');
  for (const file of readdirSync(folder)
    .filter((entry) => entry.endsWith('.gas.mjs'))
    .sort()) {
    const bench = await import(pathToFileURL(join(folder, file)));
    rows.push(...(await bench.rows()));
  }
  writeFileSync(join(contracts, 'gas.json'), `${JSON.stringify({ rows }, null, 2)}\n`);
  return rows;
}

function build() {
  const { status, stdout, stderr } = spawnSync('hardhat', ['build', '--quiet'], { cwd: contracts, encoding: 'utf8' });
  if (status !== 0) {
    console.error(`The contracts do not compile.\n${stdout}${stderr}`);
    process.exit(1);
  }
}

function printTable(rows) {
  const width = Math.max(...rows.map(({ name: row }) => row.length));
  for (const { name: row, gas, bar, peers } of rows) {
    const verdict = bar === null ? '' : gas <= bar ? `<= ${bar}` : `>  ${bar}`;
    const beside = Object.entries(peers).map(([peer, value]) => `${peer} ${value}`);
    console.log(`${row.padEnd(width)}  ${String(gas).padStart(9)}  ${verdict.padEnd(12)}  ${beside.join(', ')}`);
  }
}
