// npm run bench -- gas | indexer [--json]: measures and compares with the bars; gas also rewrites the committed table.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const contracts = fileURLToPath(new URL('../contracts', import.meta.url));

const benches = { gas: benchGas, indexer: benchIndexer };

const [name] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const json = process.argv.includes('--json');
if (!Object.hasOwn(benches, name ?? '')) {
  console.error(`Say which: npm run bench -- ${Object.keys(benches).join(' | ')} [--json]`);
  process.exit(2);
}
const rows = await benches[name]();
if (json) console.log(JSON.stringify({ rows }));
else printTable(rows);
const missed = rows.filter((row) => row.bar !== null && !isMet(row));
for (const { name: row, gas, eventsPerSecond, bar } of missed) {
  console.error(`MISSED ${row}: ${gas ?? eventsPerSecond} against its bar of ${bar}`);
}

/** Gas is to be low, speed is to be high. */
function isMet({ gas, eventsPerSecond, bar }) {
  return gas === undefined ? eventsPerSecond >= bar : gas <= bar;
}

/** Events a second while catching up, beside a bare loop and, where it is installed, Ponder. */
async function benchIndexer() {
  const { status } = spawnSync('nx', ['run', '@openimo/indexer:build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
  const bench = await import(new URL('../apps/indexer/bench/indexer.bench.mjs', import.meta.url));
  return bench.rows();
}

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
  for (const row of rows) {
    const { name: label, gas, eventsPerSecond, bar, peers = {} } = row;
    const figure = gas ?? eventsPerSecond;
    const verdict = bar === null ? '' : `${isMet(row) ? 'met' : 'MISSED'} ${bar}`;
    const beside = Object.entries(peers).map(([peer, value]) => `${peer} ${value}`);
    console.log(`${label.padEnd(width)}  ${String(figure).padStart(9)}  ${verdict.padEnd(14)}  ${beside.join(', ')}`);
  }
}
